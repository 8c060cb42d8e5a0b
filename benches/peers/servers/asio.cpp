// Echo server on Asio (without Boost), one thread: `asio ADDRESS BUFFER`. Built twice, for epoll and for io_uring.
#include <asio.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, std::size_t size) : socket_(std::move(socket)), buffer_(size) {}

    void read() {
        auto self = shared_from_this();
        socket_.async_read_some(asio::buffer(buffer_), [this, self](std::error_code error, std::size_t received) {
            if (!error) write(received);
        });
    }

private:
    void write(std::size_t received) {
        auto self = shared_from_this();
        asio::async_write(socket_, asio::buffer(buffer_, received), [this, self](std::error_code error, std::size_t) {
            if (!error) read();
        });
    }

    tcp::socket socket_;
    std::vector<char> buffer_;
};

class Server {
public:
    Server(asio::io_context &context, const tcp::endpoint &endpoint, std::size_t size) : acceptor_(context, endpoint), size_(size) {
        accept();
    }

    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

private:
    void accept() {
        acceptor_.async_accept([this](std::error_code error, tcp::socket socket) {
            if (!error) {
                std::error_code ignored;
                socket.set_option(tcp::no_delay(true), ignored);
                std::make_shared<Session>(std::move(socket), size_)->read();
            }
            accept();
        });
    }

    tcp::acceptor acceptor_;
    std::size_t size_;
};

int main(int count, char **arguments) try {
    std::string address = count == 3 ? arguments[1] : "";
    auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        std::cerr << "usage: asio ADDRESS BUFFER\n";
        return 2;
    }
    auto host = asio::ip::make_address(address.substr(0, colon));
    auto port = static_cast<unsigned short>(std::stoul(address.substr(colon + 1)));
    asio::io_context context(1); // one thread runs it, which Asio may know
    Server server(context, tcp::endpoint(host, port), std::stoul(arguments[2]));
    std::cout << "listening on " << server.endpoint() << std::endl;
    context.run();
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}

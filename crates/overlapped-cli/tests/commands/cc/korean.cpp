#include <winsock2.h>
#include <cstdio>
#include "session.h"
// 코드 페이지 949: 서버를 시작합니다
int main()
{
    const wchar_t name[] = L"한글";
    std::printf("안녕 %d %x %s:%d\n", static_cast<int>(sizeof name / sizeof *name), static_cast<unsigned>(name[0]), __FILE__, __LINE__);
    return Session().Run();
}

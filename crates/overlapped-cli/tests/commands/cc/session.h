#pragma once
// 세션
struct Session
{
    int Run()
    {
        std::printf("접속\n");
        return 0;
    }
};

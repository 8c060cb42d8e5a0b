// Microsoft's C library beyond the standard's: the functions that know the size of their buffers.
//
// Where these end the program on Windows, for a buffer that is too small say, they make the buffer an empty text here, set errno
// and return the error.
#ifndef OVERLAPPED_SECURE_CRT_H
#define OVERLAPPED_SECURE_CRT_H

#include <overlapped/crt_text.h>
#include <overlapped/crt_files.h>
#include <overlapped/crt_numbers.h>
#include <overlapped/crt_print.h>
#include <overlapped/crt_time.h>

#endif

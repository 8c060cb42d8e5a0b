/* The `main` of a program that has only a `wmain`, `WinMain` or `wWinMain`: it hands on the arguments, and the environment, as
 * these want them. It is weak, so that a `main` of the program's own comes first. */

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define SHOW_NORMAL 1

/* The forms that are in use, by their names in C++; the program has one of them, or that of C. */
#define FORM(name, type, symbol) extern int name type __asm__(symbol) __attribute__((weak))
FORM(without, (void), "_Z5wmainv");
FORM(with_arguments, (int, wchar_t **), "_Z5wmainiPPw");
FORM(with_constants, (int, wchar_t **), "_Z5wmainiPPKw");
FORM(with_constant_list, (int, wchar_t **), "_Z5wmainiPKPw");
FORM(with_environment, (int, wchar_t **, wchar_t **), "_Z5wmainiPPwS0_");
FORM(with_constant_environment, (int, wchar_t **, wchar_t **), "_Z5wmainiPPKwS1_");
FORM(in_c, (int, wchar_t **, wchar_t **), "wmain");
/* A handle of the instance, none of one before it, the arguments in one string, and how to show the window. */
FORM(of_windows, (void *, void *, char *, int), "_Z7WinMainP11HINSTANCE__S0_Pci");
FORM(of_windows_in_c, (void *, void *, char *, int), "WinMain");
FORM(of_windows_wide, (void *, void *, wchar_t *, int), "_Z8wWinMainP11HINSTANCE__S0_Pwi");
FORM(of_windows_wide_in_c, (void *, void *, wchar_t *, int), "wWinMain");

/* The next character of UTF-8; what is none is U+FFFD, byte by byte. */
static wchar_t next(const unsigned char **at)
{
    const unsigned char *bytes = *at;
    unsigned first = bytes[0], more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0, i;
    unsigned value = more == 3 ? first & 0x07 : more == 2 ? first & 0x0F : first & 0x1F;
    static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    *at = bytes + 1;
    if (first < 0x80)
        return (wchar_t)first;
    if (more == 0 || first > 0xF4)
        return 0xFFFD;
    for (i = 1; i <= more; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0xFFFD;
        value = value << 6 | (bytes[i] & 0x3F);
    }
    if (value < least[more] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0xFFFD;
    *at = bytes + 1 + more;
    return (wchar_t)value;
}

static wchar_t *widen(const char *narrow)
{
    const unsigned char *at = (const unsigned char *)narrow;
    wchar_t *wide = (wchar_t *)malloc((strlen(narrow) + 1) * sizeof *wide), *end = wide;
    if (wide == NULL)
        abort();
    while (*at != 0)
        *end++ = next(&at);
    *end = 0;
    return wide;
}

static wchar_t **widen_all(char **narrow)
{
    size_t count = 0, i;
    wchar_t **wide;
    while (narrow[count] != NULL)
        count++;
    wide = (wchar_t **)malloc((count + 1) * sizeof *wide);
    if (wide == NULL)
        abort();
    for (i = 0; i < count; i++)
        wide[i] = widen(narrow[i]);
    wide[count] = NULL;
    return wide;
}

/* All arguments but the program's name, as they were typed as far as that is known. */
static char *in_one(char **arguments)
{
    size_t length = 1, i;
    char *all;
    for (i = 1; arguments[i] != NULL; i++)
        length += strlen(arguments[i]) + 3;
    all = (char *)malloc(length);
    if (all == NULL)
        abort();
    *all = 0;
    for (i = 1; arguments[i] != NULL; i++) {
        const char *quote = *arguments[i] == 0 || strpbrk(arguments[i], " \t") != NULL ? "\"" : "";
        if (i > 1)
            strcat(all, " ");
        strcat(strcat(strcat(all, quote), arguments[i]), quote);
    }
    return all;
}

__attribute__((weak)) int main(int count, char **arguments, char **environment)
{
    wchar_t **wide = widen_all(arguments);
    if (with_arguments)
        return with_arguments(count, wide);
    if (without)
        return without();
    if (with_constants)
        return with_constants(count, wide);
    if (with_constant_list)
        return with_constant_list(count, wide);
    if (with_environment)
        return with_environment(count, wide, widen_all(environment));
    if (with_constant_environment)
        return with_constant_environment(count, wide, widen_all(environment));
    if (in_c)
        return in_c(count, wide, widen_all(environment));
    if (of_windows)
        return of_windows(&wide, NULL, in_one(arguments), SHOW_NORMAL);
    if (of_windows_in_c)
        return of_windows_in_c(&wide, NULL, in_one(arguments), SHOW_NORMAL);
    if (of_windows_wide)
        return of_windows_wide(&wide, NULL, widen(in_one(arguments)), SHOW_NORMAL);
    if (of_windows_wide_in_c)
        return of_windows_wide_in_c(&wide, NULL, widen(in_one(arguments)), SHOW_NORMAL);
    abort();
}

/* The least that must hold: a program links the library and calls it. */
unsigned GetLastError(void);
void SetLastError(unsigned code);

int main(void)
{
    SetLastError(5);
    return GetLastError() == 5 ? 0 : 1;
}

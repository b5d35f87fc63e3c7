/* bad_entry.c - a shared object that is no plug-in. */
int tsr_not_an_entry(void);

__attribute__((visibility("default"))) int tsr_not_an_entry(void) {
    return 0;
}

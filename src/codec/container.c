#include "codec/container.h"
enum err container_open(int fd, const struct container_pace *pace, struct container **c,
                        struct error *error)
{
    (void)fd;
    (void)pace;
    (void)c;
    (void)error;
    return ERR_NOT_FOUND;
}
enum err container_next(struct container *c, struct container_member *m, struct error *error)
{
    (void)c;
    (void)m;
    (void)error;
    return END;
}
enum err container_read(struct container *c, void *p, size_t n, size_t *ret_n, struct error *error)
{
    (void)c;
    (void)p;
    (void)n;
    (void)ret_n;
    (void)error;
    return END;
}
struct container *container_close(struct container *c)
{
    (void)c;
    return NULL;
}

// SPDX-License-Identifier: MIT
/* lib/string.c - memory and string functions. Not stepped; copies are charged a cost per byte. */
#include <linux/string.h>
#include <lab/machine.h>

void *memcpy(void *dst, const void *src, size_t n)
{
	lab_charge(LAB_COST_MEMCPY, n);
	return __builtin_memcpy(dst, src, n);
}

void *memmove(void *dst, const void *src, size_t n)
{
	lab_charge(LAB_COST_MEMCPY, n);
	return __builtin_memmove(dst, src, n);
}

void *memset(void *s, int c, size_t n)
{
	lab_charge(LAB_COST_MEMSET, n);
	return __builtin_memset(s, c, n);
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n; p++, q++, n--) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; p++, n--) {
		if (*p == (unsigned char)c)
			return (void *)p;
	}
	return NULL;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, ~(size_t)0);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; a++, b++, n--) {
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, ~(size_t)0);
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n = len < size ? len : size - 1;

	if (size) {
		__builtin_memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

char *strcpy(char *dst, const char *src)
{
	strlcpy(dst, src, strlen(src) + 1);
	return dst;
}

char *strncpy(char *dst, const char *src, size_t n)
{
	size_t len = strnlen(src, n);

	__builtin_memcpy(dst, src, len);
	__builtin_memset(dst + len, 0, n - len);
	return dst;
}

char *strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (; *s; s++) {
		if (*s == (char)c)
			last = s;
	}
	return c ? (char *)last : (char *)s;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (; *s || !len; s++) {
		if (!strncmp(s, what, len))
			return (char *)s;
	}
	return NULL;
}

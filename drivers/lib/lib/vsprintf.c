// SPDX-License-Identifier: MIT
/* lib/vsprintf.c - formatted text: the standard's conversions, and %pM for MAC addresses. Not stepped. */
#include <linux/kernel.h>
#include <linux/string.h>

struct out {
	char *buf;
	size_t size;
	size_t len;		/* may be more than fits */
};

struct spec {
	bool left, plus, space, alt, zero, upper;
	int width;
	int precision;		/* -1: none */
	unsigned int base;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, int len)
{
	if (!s->left)
		pad(o, ' ', s->width - len);
	for (int i = 0; i < len; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - len);
}

static void put_number(struct out *o, const struct spec *s, u64 value, bool negative)
{
	const char *digits = s->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	const char *prefix = "";
	int n = 0, zeros, prefix_len;

	if (s->alt && value && s->base == 16)
		prefix = s->upper ? "0X" : "0x";
	else if (s->alt && s->base == 8)
		prefix = "0";
	else if (negative)
		prefix = "-";
	else if (s->plus)
		prefix = "+";
	else if (s->space)
		prefix = " ";
	prefix_len = strlen(prefix);

	if (!value && s->precision)
		tmp[n++] = '0';
	for (; value; value /= s->base)
		tmp[n++] = digits[value % s->base];

	zeros = s->precision - n;
	if (s->precision < 0)
		zeros = s->zero && !s->left ? s->width - prefix_len - n : 0;
	zeros = max(zeros, 0);
	if (!s->left)
		pad(o, ' ', s->width - prefix_len - zeros - n);
	while (*prefix)
		put(o, *prefix++);
	pad(o, '0', zeros);
	for (int i = n; i > 0; i--)
		put(o, tmp[i - 1]);
	if (s->left)
		pad(o, ' ', s->width - prefix_len - zeros - n);
}

static void put_mac(struct out *o, const struct spec *s, const u8 *addr, char separator)
{
	char text[18];
	int n = 0;

	for (int i = 0; i < 6; i++) {
		if (i && separator)
			text[n++] = separator;
		text[n++] = "0123456789abcdef"[addr[i] >> 4];
		text[n++] = "0123456789abcdef"[addr[i] & 15];
	}
	put_text(o, s, text, n);
}

static const char *parse_number(const char *fmt, int *value, va_list *args)
{
	*value = 0;
	if (*fmt == '*') {
		*value = va_arg(*args, int);
		return fmt + 1;
	}
	while (*fmt >= '0' && *fmt <= '9')
		*value = *value * 10 + (*fmt++ - '0');
	return fmt;
}

static const char *parse_flags(const char *fmt, struct spec *s)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-': s->left = true; break;
		case '+': s->plus = true; break;
		case ' ': s->space = true; break;
		case '#': s->alt = true; break;
		case '0': s->zero = true; break;
		default: return fmt;
		}
	}
}

/* long is 32 bits wide here, as int and size_t are: only "ll" is more. */
static void put_integer(struct out *o, struct spec *s, char conversion, int longs, int shorts, va_list *args)
{
	bool is_signed = conversion == 'd' || conversion == 'i';
	u64 value = longs >= 2 ? va_arg(*args, u64) : va_arg(*args, u32);

	if (is_signed && longs < 2)
		value = (u64)(s64)(s32)value;
	if (shorts == 1)
		value = is_signed ? (u64)(s64)(s16)value : (u16)value;
	else if (shorts >= 2)
		value = is_signed ? (u64)(s64)(s8)value : (u8)value;

	s->base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;
	s->upper = conversion == 'X';
	if (is_signed && (s64)value < 0)
		put_number(o, s, -value, true);
	else
		put_number(o, s, value, false);
}

/* What follows %p; returns how many letters of @fmt it took. */
static int put_pointer(struct out *o, struct spec *s, const char *fmt, const void *p)
{
	if (*fmt == 'M' || *fmt == 'm') {
		put_mac(o, s, p, *fmt == 'M' ? ':' : 0);
		return 1;
	}
	s->base = 16;
	s->precision = 8;
	put_number(o, s, (unsigned long)p, false);
	return 0;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	va_list args;
	const char *text;
	char c;

	va_copy(args, ap);
	while (*fmt) {
		struct spec s = { .precision = -1, .base = 10 };
		int longs = 0, shorts = 0;

		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_flags(fmt + 1, &s);
		fmt = parse_number(fmt, &s.width, &args);
		if (s.width < 0) {
			s.left = true;
			s.width = -s.width;
		}
		if (*fmt == '.')
			fmt = parse_number(fmt + 1, &s.precision, &args);
		for (;; fmt++) {
			if (*fmt == 'l')
				longs++;
			else if (*fmt == 'h')
				shorts++;
			else if (*fmt != 'z' && *fmt != 't')
				break;
		}
		if (!*fmt)
			break;

		switch (*fmt++) {
		case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
			put_integer(&o, &s, fmt[-1], longs, shorts, &args);
			break;
		case 'c':
			c = (char)va_arg(args, int);
			put_text(&o, &s, &c, 1);
			break;
		case 's':
			text = va_arg(args, const char *);
			if (!text)
				text = "(null)";
			put_text(&o, &s, text, strnlen(text, s.precision < 0 ? INT_MAX : s.precision));
			break;
		case 'p':
			fmt += put_pointer(&o, &s, fmt, va_arg(args, const void *));
			break;
		case '%':
			put(&o, '%');
			break;
		default:
			/* Unknown: shown as it stands. */
			put(&o, '%');
			put(&o, fmt[-1]);
			break;
		}
	}
	va_end(args);
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

/* The same, but returns the bytes written. */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (len < (int)size)
		return len;
	return size ? size - 1 : 0;
}

int sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, INT_MAX, fmt, args);
	va_end(args);
	return len;
}

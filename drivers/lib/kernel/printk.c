// SPDX-License-Identifier: MIT
/* kernel/printk.c - the kernel log: levels, lines, continuation. Not stepped. */
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/jiffies.h>
#include <linux/string.h>
#include <lab/machine.h>

#define DEFAULT_MESSAGE_LOGLEVEL	4	/* KERN_WARNING */

static char line[512];
static u32 line_len;
static u32 line_level = DEFAULT_MESSAGE_LOGLEVEL;

static void flush_line(void)
{
	lab_printk(line_level, line, line_len);
	line_len = 0;
	line_level = DEFAULT_MESSAGE_LOGLEVEL;
}

/**
 * printk - print a kernel message
 * @fmt: format; begins with a KERN_* level, or continues the line before
 *
 * Bytes printed.
 */
int printk(const char *fmt, ...)
{
	char text[512];
	const char *p = text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	if (p[0] == '<' && p[1] && p[2] == '>') {
		if (p[1] >= '0' && p[1] <= '7') {
			/* A new message ends one that lacks its newline. */
			if (line_len)
				flush_line();
			line_level = p[1] - '0';
		}
		p += 3;
	}
	for (; *p; p++) {
		if (*p == '\n') {
			flush_line();
		} else {
			if (line_len == sizeof(line))
				flush_line();
			line[line_len++] = *p;
		}
	}
	return len;
}

/* At most ten messages in five seconds, as by default in Linux. */
int printk_ratelimit(void)
{
	static unsigned long begin;
	static int printed;

	if (!printed || time_after(jiffies, begin + 5 * HZ)) {
		begin = jiffies;
		printed = 0;
	}
	return printed++ < 10;
}

/* The driver found something wrong: the log has it, and so have the findings. */
static void report(const char *level, const struct device *dev, const char *fmt, va_list args)
{
	char text[240];
	int len;

	len = scnprintf(text, sizeof(text), "%s %s: ", dev_driver_string(dev), dev_name(dev));
	len += vsnprintf(text + len, sizeof(text) - len, fmt, args);
	len = min(len, (int)sizeof(text) - 1);
	while (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	printk("%s%s\n", level, text);
	lab_finding(LAB_FINDING_REPORTED, NULL, 0, text, len);
}

void _dev_err(const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(KERN_ERR, dev, fmt, args);
	va_end(args);
}

void _dev_warn(const struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(KERN_WARNING, dev, fmt, args);
	va_end(args);
}

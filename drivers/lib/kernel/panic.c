// SPDX-License-Identifier: MIT
/* kernel/panic.c - BUG, WARN and panic. Not stepped: the finding is at the line that asked. */
#include <linux/kernel.h>
#include <linux/hardirq.h>
#include <linux/string.h>
#include <lab/machine.h>

/* Without its newline, which is the log's and not the finding's. */
static int chomp(const char *text, int len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	return len;
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

void __bug(const char *file, int line, const char *func)
{
	char text[160];
	int len = scnprintf(text, sizeof(text), "kernel BUG at %s:%d in %s()", base_name(file), line, func);

	printk(KERN_EMERG "%s\n", text);
	lab_die(LAB_DIE_BUG, NULL, text, len);
}

void panic(const char *fmt, ...)
{
	char text[200];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	len = chomp(text, min(len, (int)sizeof(text) - 1));
	text[len] = '\0';
	printk(KERN_EMERG "Kernel panic - not syncing: %s\n", text);
	lab_die(LAB_DIE_PANIC, NULL, text, len);
}

void warn_slowpath(const char *file, int line, const char *func, const char *fmt, ...)
{
	char text[240];
	va_list args;
	int len, more;

	len = scnprintf(text, sizeof(text), "WARNING: at %s:%d %s()", base_name(file), line, func);
	va_start(args, fmt);
	text[len] = ' ';
	more = vsnprintf(text + len + 1, sizeof(text) - len - 1, fmt, args);
	va_end(args);
	len = chomp(text, min(len + 1 + more, (int)sizeof(text) - 1));
	text[len] = '\0';
	printk(KERN_WARNING "%s\n", text);
	lab_finding(LAB_FINDING_WARN, NULL, 0, text, len);
}

void __might_sleep(const char *func)
{
	char text[200];
	int len;

	if (!in_atomic() && !irqs_disabled())
		return;
	len = scnprintf(text, sizeof(text),
			"sleeping function %s() called from invalid context: "
			"in_irq %d, in_softirq %d, spinlocks held %u, irqs_disabled %d",
			func, in_irq() != 0, in_softirq() != 0,
			(unsigned int)(preempt_count() & PREEMPT_MASK), irqs_disabled());
	printk(KERN_ERR "BUG: %s\n", text);
	lab_finding(LAB_FINDING_API, NULL, 0, text, len);
}

// SPDX-License-Identifier: MIT
/*
 * kernel/params.c - module parameters: "napi_weight=64 csum=0", as given to
 * insmod. Not stepped. The lab has checked names and values before the machine
 * was switched on; what is wrong here came in another way, and fails the boot.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <lab/kernel.h>

/* The machine writes them before it boots. charp parameters point into it. */
char lab_module_arguments[1024];

extern const struct kernel_param __start_kernel_param[] __weak, __stop_kernel_param[] __weak;

/* A decimal number with an optional sign, and nothing behind it. */
static int parse_number(const char *val, s64 least, s64 most, s64 *number)
{
	bool negative = *val == '-';
	s64 n = 0;

	if (negative)
		val++;
	if (!*val)
		return -EINVAL;
	for (; *val; val++) {
		if (*val < '0' || *val > '9' || n > UINT_MAX)
			return -EINVAL;
		n = n * 10 + (*val - '0');
	}
	*number = negative ? -n : n;
	return *number < least || *number > most ? -EINVAL : 0;
}

#define STANDARD_PARAM(name, type, least, most)					\
	int param_set_##name(const char *val, const struct kernel_param *kp)	\
	{									\
		s64 number;							\
		int err = parse_number(val, least, most, &number);		\
										\
		if (!err)							\
			*(type *)kp->arg = (type)number;			\
		return err;							\
	}

STANDARD_PARAM(byte, u8, 0, 0xff)
STANDARD_PARAM(short, s16, -0x8000, 0x7fff)
STANDARD_PARAM(ushort, u16, 0, 0xffff)
STANDARD_PARAM(int, int, INT_MIN, INT_MAX)
STANDARD_PARAM(uint, unsigned int, 0, UINT_MAX)
STANDARD_PARAM(long, long, INT_MIN, INT_MAX)
STANDARD_PARAM(ulong, unsigned long, 0, UINT_MAX)

int param_set_charp(const char *val, const struct kernel_param *kp)
{
	*(const char **)kp->arg = val;
	return 0;
}

static int set_bool(const char *val, const struct kernel_param *kp, bool invert)
{
	bool on = *val == '1' || *val == 'y' || *val == 'Y';

	if (!on && *val != '0' && *val != 'n' && *val != 'N')
		return -EINVAL;
	/* Drivers of 2.6.31 keep a bool parameter in an int. */
	if (kp->size == sizeof(int))
		*(int *)kp->arg = on != invert;
	else
		*(bool *)kp->arg = on != invert;
	return 0;
}

int param_set_bool(const char *val, const struct kernel_param *kp)
{
	return set_bool(val, kp, false);
}

int param_set_invbool(const char *val, const struct kernel_param *kp)
{
	return set_bool(val, kp, true);
}

static int set_param(const char *name, const char *val)
{
	const struct kernel_param *kp;
	int err;

	for (kp = __start_kernel_param; kp < __stop_kernel_param; kp++) {
		if (strcmp(kp->name, name))
			continue;
		err = kp->set(val, kp);
		if (err)
			printk(KERN_ERR "params: %s: invalid value \"%s\"\n", name, val);
		return err;
	}
	printk(KERN_ERR "params: no module has a parameter %s\n", name);
	return -ENOENT;
}

/* Cuts the next "name=value" or name="value" off; the rest, or NULL at the end. */
static char *next_arg(char *args, char **name, char **val)
{
	char end = ' ';

	while (*args == ' ')
		args++;
	if (!*args)
		return NULL;
	*name = args;
	while (*args && *args != '=')
		args++;
	if (*args)
		*args++ = '\0';
	if (*args == '"') {
		end = '"';
		args++;
	}
	*val = args;
	while (*args && *args != end)
		args++;
	if (*args)
		*args++ = '\0';
	return args;
}

/* 0, or -errno of the first one that is no good. */
int parse_module_arguments(void)
{
	char *args = lab_module_arguments, *name, *val;
	int err;

	while ((args = next_arg(args, &name, &val)) != NULL) {
		err = set_param(name, val);
		if (err)
			return err;
	}
	return 0;
}

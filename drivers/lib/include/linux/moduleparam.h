/* SPDX-License-Identifier: MIT */
/* linux/moduleparam.h - module parameters: variables that a scenario sets before the driver starts. */
#ifndef _LINUX_MODULEPARAM_H
#define _LINUX_MODULEPARAM_H

#include <linux/types.h>

struct kernel_param {
	const char *name;
	/* Takes the text of a value; 0, or -EINVAL. */
	int (*set)(const char *val, const struct kernel_param *kp);
	/* The variable, and its size: a bool parameter's may be an int. */
	void *arg;
	unsigned int size;
};

int param_set_byte(const char *val, const struct kernel_param *kp);
int param_set_short(const char *val, const struct kernel_param *kp);
int param_set_ushort(const char *val, const struct kernel_param *kp);
int param_set_int(const char *val, const struct kernel_param *kp);
int param_set_uint(const char *val, const struct kernel_param *kp);
int param_set_long(const char *val, const struct kernel_param *kp);
int param_set_ulong(const char *val, const struct kernel_param *kp);
int param_set_charp(const char *val, const struct kernel_param *kp);
int param_set_bool(const char *val, const struct kernel_param *kp);
int param_set_invbool(const char *val, const struct kernel_param *kp);

/*
 * A global symbol with type and name in it: by these the lab knows what a
 * driver takes before it runs. Names are those of the whole driver, so two of
 * its files cannot have the same one.
 */
#define module_param(name, type, perm)						\
	const struct kernel_param __param_##type##_##name			\
	__attribute__((used, retain, section("kernel_param"))) =		\
		{ #name, param_set_##type, (void *)&(name), sizeof(name) }
#define module_param_named(name, value, type, perm)				\
	const struct kernel_param __param_##type##_##name			\
	__attribute__((used, retain, section("kernel_param"))) =		\
		{ #name, param_set_##type, (void *)&(value), sizeof(value) }

#define MODULE_PARM_DESC(name, text)	_Static_assert(sizeof(text) != 0, "")

#endif

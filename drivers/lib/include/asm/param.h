/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PARAM_H
#define _ASM_PARAM_H

/* 250 is what kernel/Kconfig.hz of 2.6.31 selects by default: one jiffy is 4 ms. */
#define HZ	250

#endif

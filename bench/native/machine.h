/* SPDX-License-Identifier: MIT */
/*
 * machine.h - what the native build's device and its scheduler know of each
 * other. Forced into every file of the driver and the kernel API as well: the
 * few things there that only a WebAssembly compiler knows.
 */
#ifndef _BENCH_MACHINE_H
#define _BENCH_MACHINE_H

/* RAM ends where the static arena does; pages of 64 KiB as in WebAssembly. */
extern unsigned long native_ram_end;
#define __builtin_wasm_memory_size(memory)	(native_ram_end >> 16)

#endif

/* SPDX-License-Identifier: MIT */
/* linux/completion.h - waiting for something to be finished. */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
	wait_queue_head_t wait;
};

#define DECLARE_COMPLETION(work) \
	struct completion work = { .wait = { .lock = __SPIN_LOCK_UNLOCKED(work.wait.lock) } }
#define DECLARE_COMPLETION_ONSTACK(work)	DECLARE_COMPLETION(work)
#define INIT_COMPLETION(x)			((x).done = 0)

void init_completion(struct completion *x);
void complete(struct completion *x);
void complete_all(struct completion *x);
void wait_for_completion(struct completion *x);
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout);

#endif

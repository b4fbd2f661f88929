/* SPDX-License-Identifier: MIT */
/* linux/rtnetlink.h - the lock under which network devices come, go, and are opened. */
#ifndef _LINUX_RTNETLINK_H
#define _LINUX_RTNETLINK_H

void rtnl_lock(void);
void rtnl_unlock(void);
int rtnl_is_locked(void);

#define ASSERT_RTNL()	WARN(!rtnl_is_locked(), "RTNL: assertion failed\n")

#endif

/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IF_PACKET_H
#define _LINUX_IF_PACKET_H

#define PACKET_HOST		0
#define PACKET_BROADCAST	1
#define PACKET_MULTICAST	2
#define PACKET_OTHERHOST	3

#endif

/* What the pod says of itself, in one place: phase and one sentence.
 *
 * They are in /run/kdk/phase for health and dump, in the Secret's annotations (publish.h), and where the pod
 * fails, in the termination message. /run/kdk/live is the heartbeat of the event loop, /run/kdk/ready that of a
 * cluster that can be used: each holds the clock's milliseconds, and is believed for a minute.
 */
#ifndef KDK_POD_STATUS_H
#define KDK_POD_STATUS_H

#include <stdarg.h>

#include "place.h"

enum phase {
#define PHASE(identifier, name) PHASE_##identifier,
#include "phases.def"
#undef PHASE
	PHASE_COUNT
};
const char *phase_name(enum phase phase);

struct status {
	const struct place_names *places;
	enum phase phase;
	struct buf message; /* one line; empty: nothing to say */
	struct buf pending; /* which settings wait for a new cluster; empty: none */
	bool ready;
	unsigned revision; /* grows with every change */
};

void status_start(struct status *status, const struct place_names *places);
void status_phase(struct status *status, enum phase phase);
/* Replaces the sentence; "" takes it away. Line breaks become spaces. */
void status_say(struct status *status, const char *format, ...) __attribute__((format(printf, 2, 3)));
void status_say_list(struct status *status, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void status_pending(struct status *status, struct str pending);
void status_ready(struct status *status, bool ready);
/* The heartbeats, as of NOW. */
void status_beat(const struct status *status, int64_t now);
/* The termination message: the sentence, at most 4096 bytes (Kubernetes' limit). */
void status_end(const struct status *status);

#endif

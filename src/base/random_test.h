/* Random numbers for tests: the same ones in every run, from a seed (splitmix64). */
#ifndef KDK_BASE_RANDOM_TEST_H
#define KDK_BASE_RANDOM_TEST_H

#include <stdint.h>

static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* One of 0 to LIMIT - 1. */
static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return next_random(state) % limit;
}

#endif

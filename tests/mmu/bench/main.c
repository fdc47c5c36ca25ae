// SPDX-License-Identifier: GPL-2.0
/*
 * Translations per second: the software MMU, libkdumpfile's addrxlat, Unicorn.
 *
 * Usage: bench_mmu [ROUNDS [SECONDS]]	rounds [11], seconds of each peer in one [0.05]
 *        bench_mmu --count PEER CASE REPS	all addresses so often, for a counter
 *						of instructions around it
 *
 * All translate the same addresses by the same tables in the same order, and
 * are checked before they are timed. In each round each peer has its turn;
 * shown are the median of the rounds, and the lowest and highest. Time is CPU
 * time of the thread. Exit status: 0 measured, 1 a wrong result, 2 usage.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define ROUNDS_MAX	1001u
#define WANTED_RATIO	5.0
#define WANTED_RATE	30e6

static const struct {
	const struct bench_peer *peer;
	const char *absent;
} peers[] = {
	{ &bench_plan, NULL },
	{ &bench_full, NULL },
#ifdef WITH_ADDRXLAT
	{ &bench_addrxlat, NULL },
	{ &bench_addrxlat_pages, NULL },
#else
	{ NULL, "addrxlat (libkdumpfile-dev)" },
#endif
#ifdef WITH_UNICORN
	{ &bench_unicorn, NULL },
#else
	{ NULL, "Unicorn (libunicorn-dev)" },
#endif
};

#define PEERS	(sizeof(peers) / sizeof(peers[0]))

/* One peer's turns: rates of the rounds, per second. */
struct turns {
	void *peer;
	unsigned int reps;
	double rate[ROUNDS_MAX];
};

static unsigned int rounds = 11;
static double seconds = 0.05;
static double rate_4level[PEERS], ratio_4level[PEERS];

double bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* One turn; false if the sum of the physical addresses is wrong. */
static bool take_turn(const struct bench_peer *b, struct turns *t, const struct bench_case *c, double *rate)
{
	uint64_t sum;
	double time = b->run(t->peer, t->reps, &sum);

	*rate = time > 0 ? BENCH_ADDRESSES * (double)t->reps / time : 0;
	if (!b->gives_pa || sum == c->sum * t->reps)
		return true;
	fprintf(stderr, "%s, %s: the sum of the physical addresses is wrong\n", b->name, c->name);
	return false;
}

/* How many repetitions take about @seconds; warms it up as well. */
static void choose_reps(const struct bench_peer *b, struct turns *t)
{
	double start, time = 0;
	uint64_t sum;

	for (t->reps = 1; time < seconds / 4 && t->reps < 1u << 20; t->reps *= 2) {
		start = bench_now();
		b->run(t->peer, t->reps, &sum);
		time = bench_now() - start;
	}
	t->reps = (unsigned int)((double)t->reps / 2 * seconds / time);
	if (!t->reps)
		t->reps = 1;
}

static bool measure(const struct bench_case *c, struct turns *turns)
{
	unsigned int r;
	size_t i;

	for (r = 0; r < rounds; r++)
		for (i = 0; i < PEERS; i++)
			if (turns[i].peer && !take_turn(peers[i].peer, &turns[i], c, &turns[i].rate[r]))
				return false;
	return true;
}

/* Rounds are compared one by one: what slows one peer down slows down the next as well. */
static double median_ratio(const struct turns *ours, const struct turns *theirs)
{
	static double ratio[ROUNDS_MAX];
	unsigned int r;

	for (r = 0; r < rounds; r++)
		ratio[r] = theirs->rate[r] > 0 ? ours->rate[r] / theirs->rate[r] : 0;
	qsort(ratio, rounds, sizeof(*ratio), by_size);
	return ratio[rounds / 2];
}

static void show(const struct bench_case *c, unsigned int number, struct turns *turns)
{
	double ratio[PEERS];
	size_t i;

	for (i = 0; i < PEERS; i++)
		ratio[i] = turns[i].peer ? median_ratio(&turns[0], &turns[i]) : 0;
	for (i = 0; i < PEERS; i++) {
		double *rate = turns[i].rate;

		if (!turns[i].peer)
			continue;
		qsort(rate, rounds, sizeof(*rate), by_size);
		if (!number) {
			rate_4level[i] = rate[rounds / 2];
			ratio_4level[i] = ratio[i];
		}
		printf("%-8s %-10s %8.2f M/s   %7.2f .. %6.2f", i ? "" : c->name, peers[i].peer->name,
		       rate[rounds / 2] / 1e6, rate[0] / 1e6, rate[rounds - 1] / 1e6);
		if (i)
			printf("   %6.1f", ratio[i]);
		putchar('\n');
	}
}

static bool run_case(unsigned int number)
{
	static struct bench_case c;
	static struct turns turns[PEERS];
	bool good;
	size_t i;

	memset(turns, 0, sizeof(turns));
	good = bench_case_make(&c, number);
	for (i = 0; i < PEERS && good; i++) {
		const struct bench_peer *b = peers[i].peer;
		const char *why;

		turns[i].peer = b ? b->open(&c, &why) : NULL;
		if (b && !turns[i].peer)
			printf("%-8s %-10s not measured: %s\n", c.name, b->name, why);
		if (turns[i].peer)
			good = b->check(turns[i].peer);
		if (turns[i].peer && good)
			choose_reps(b, &turns[i]);
	}
	good = good && measure(&c, turns);
	if (good)
		show(&c, number, turns);
	for (i = 0; i < PEERS; i++)
		if (turns[i].peer)
			peers[i].peer->close(turns[i].peer);
	bench_case_free(&c);
	return good;
}

static void verdict(void)
{
	size_t i;

	printf("\n4-level: %.1f M/s, 30 are required: %s\n", rate_4level[0] / 1e6,
	       rate_4level[0] >= WANTED_RATE ? "met" : "NOT met");
	for (i = 2; i < PEERS; i++)
		if (ratio_4level[i] > 0)
			printf("4-level: %.1f times %s, 5 are required: %s\n", ratio_4level[i], peers[i].peer->name,
			       ratio_4level[i] >= WANTED_RATIO ? "met" : "NOT met");
	printf("(by plans; the whole answer by mmu_translate(): %.1f M/s)\n", rate_4level[1] / 1e6);
}

static int count(const char *who, const char *number, const char *reps)
{
	unsigned int n = (unsigned int)strtoul(number, NULL, 10);
	static struct bench_case c;
	const char *why;
	uint64_t sum;
	void *peer;
	size_t i;

	for (i = 0; i < PEERS; i++)
		if (peers[i].peer && !strcmp(peers[i].peer->name, who))
			break;
	if (i == PEERS || n >= BENCH_CASES || !bench_case_make(&c, n))
		return 2;
	peer = peers[i].peer->open(&c, &why);
	if (!peer)
		return 2;
	printf("%s\n", c.name);
	peers[i].peer->run(peer, (unsigned int)strtoul(reps, NULL, 10), &sum);
	peers[i].peer->close(peer);
	bench_case_free(&c);
	return 0;
}

/* One core, whichever this is. */
static void stay_here(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	if (cpu >= 0)
		CPU_SET(cpu, &set);
	if (cpu < 0 || sched_setaffinity(0, sizeof(set), &set))
		fprintf(stderr, "bench_mmu: not bound to one processor\n");
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc == 5 && !strcmp(argv[1], "--count"))
		return count(argv[2], argv[3], argv[4]);
	if (argc > 1)
		rounds = (unsigned int)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seconds = strtod(argv[2], NULL);
	if (argc > 3 || !rounds || rounds > ROUNDS_MAX || seconds <= 0 || seconds > 10) {
		fprintf(stderr, "usage: bench_mmu [ROUNDS [SECONDS]]\n");
		return 2;
	}
	stay_here();
	printf("translations per second, one core, warm: %u addresses at random, %u rounds\n", BENCH_ADDRESSES, rounds);
	for (i = 0; i < PEERS; i++)
		if (!peers[i].peer)
			printf("absent: %s; scripts/setup --for bench installs it\n", peers[i].absent);
	puts("plan: mmu_plan_translate(), status and physical address. translate: mmu_translate(), everything.");
	puts("addrxlat has all memory in one buffer; addrxlat/p gets it page by page, as from a dump.\n");
	printf("%-8s %-10s %12s   %17s   %6s\n", "MODE", "WHO", "MEDIAN", "LOWEST .. HIGHEST", "PLAN/IT");
	for (i = 0; i < BENCH_CASES; i++)
		if (!run_case(i))
			return 1;
	verdict();
	return 0;
}

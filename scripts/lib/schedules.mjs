// Decides which simulated worlds there are, how a range of seeds is shared out among processes, and how a campaign is told.

/**
 * A property that is to hold in every world of a kind.
 * @typedef {{ binary: string, test: string, title: string }} World
 */

/** @type {World[]} one for each test that runs a range of seeds */
export const WORLDS = [
  world("simulation", "every_world_heals_with_all_replicas_equal_and_nothing_unsaved", "three clients, one server"),
  world("simulation", "every_world_in_which_connections_end_at_a_set_age_heals_too", "… whose connections end at a set age"),
  world("simulation", "every_world_with_slow_links_heals_too", "… over slow links"),
  world("simulation", "every_world_with_a_server_of_another_kind_heals_too", "… with servers that ask last, or pass on what they cannot read yet"),
  world("simulation", "every_world_in_which_tokens_expire_and_are_revoked_heals_too", "… with tokens"),
  world("simulation", "replaying::every_trace_of_a_simulated_run_leads_to_the_same_phases_again", "… and their traces played again"),
  world("browsers", "every_world_heals_and_loses_nothing_that_was_said_to_be_safe", "two browsers with tabs and disks"),
  world("browsers", "every_world_with_slow_links_heals_and_loses_nothing_either", "… over slow links"),
  world("relay", "every_room_comes_into_step_and_nothing_is_said_to_be_held_that_nobody_held", "a room behind a relay, with clients of Yjs"),
  world("relay", "every_room_with_slow_links_comes_into_step_too", "… over slow links"),
  world("together", "every_document_ends_in_step_whatever_befalls_the_others", "three documents over one socket"),
  world("together", "every_trace_leads_each_document_to_the_same_phases_again", "… and their traces played again"),
];

function world(binary, test, title) {
  return { binary, test, title };
}

/** Every world with every seed, in portions of so many seeds; those of one world follow each other. */
export function portions({ from, to }, size, worlds = WORLDS) {
  return worlds.flatMap((world) => {
    const starts = Array.from({ length: Math.ceil((to - from) / size) }, (_, place) => from + place * size);
    return starts.map((start) => ({ world, from: start, to: Math.min(start + size, to) }));
  });
}

/** The seed that failed by what a test has printed, with what it said; undefined where none did. */
export function failureIn(output) {
  const [, seed, words] = /^seed (\d+) fails: (.*)$/m.exec(output) ?? [];
  if (seed === undefined) return undefined;
  const [, test] = /^as a test:\n\n([\s\S]*?\n\}\n)/m.exec(output) ?? [];
  return { seed: Number(seed), words, test };
}

/** How a failing seed is run again. */
export function again({ world, seed }) {
  return `SYNCLINE_SEED=${seed} cargo test --test ${world.binary} ${world.test}`;
}

/** What is written down of a campaign. */
export function inMarkdown({ day, commit, seeds, jobs, seconds, runs, failures, storm }) {
  const schedules = runs.reduce((sum, { count }) => sum + count, 0);
  const rows = runs.map(({ world, count, seconds: busy }) => {
    return `| \`${world.binary}\` | ${world.title} | ${count.toLocaleString("en")} | ${Math.round(count / busy).toLocaleString("en")} |`;
  });
  return [
    "",
    `On ${day} at commit \`${commit}\`: seeds ${seeds.from}..${seeds.to} of each, **${schedules.toLocaleString("en")} schedules, ${failures.length} failures**, in ${Math.ceil(seconds / 60)} minutes with ${jobs} at once.`,
    "",
    "| tests | world | schedules | a second |",
    "| --- | --- | ---: | ---: |",
    ...rows,
    "",
    ...failures.map((failure) => `- \`${again(failure)}\`: ${failure.words}`),
    ...(storm.length > 0 ? ["10,000 clients that lose their server at once, which is away for a while:", "", ...stormRows(storm), ""] : []),
  ].join("\n");
}

/** The lines of `storm: …` that the test of the storm prints. */
export function stormIn(output) {
  const lines = [...output.matchAll(/storm: (\d+) (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)$/gm)];
  return lines.map(([, ...numbers]) => {
    const [code, outage, peakAway, peakBack, attempts, half, all] = numbers.map(Number);
    return { code, outage, peakAway, peakBack, attempts, half, all };
  });
}

function stormRows(storm) {
  const number = (value) => value.toLocaleString("en");
  return [
    "| closed with | away for | most attempts a second while it is away | most a second once it is back | attempts for each | half are back after | all are back after |",
    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...storm.map(({ code, outage, peakAway, peakBack, attempts, half, all }) => {
      return `| ${code} | ${outage} s | ${number(peakAway)} | ${number(peakBack)} | ${(attempts / 10_000).toFixed(1)} | ${half} s | ${all} s |`;
    }),
  ];
}

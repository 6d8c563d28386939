// Decides how many measurements become one number.

/** The value below which `share` of the values lie, between two of them where it must. */
export function quantile(values, share) {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  // Between two that are infinite there is nothing to be reckoned.
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}

/** The middle one. */
export function median(values) {
  return quantile(values, 0.5);
}

/** The middle one of the ratios of each round: what slows a round down slows both. */
export function medianRatio(ours, theirs) {
  const ratios = ours.flatMap((value, round) => (theirs[round] === undefined ? [] : [value / theirs[round]]));
  return median(ratios);
}

/** The power of its size that a cost grows with, by the line that fits best: 1 is linear. `points` are [size, cost]. */
export function growth(points) {
  const logs = points.filter(([size, cost]) => size > 0 && cost > 0).map((point) => point.map(Math.log));
  const mean = (which) => logs.reduce((sum, point) => sum + point[which], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const slope = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return slope / logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

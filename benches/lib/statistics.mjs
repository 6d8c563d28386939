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

/**
 * The power of its size that a cost grows with: 1 is linear. `points` are [size, cost], in the order of their sizes. The
 * steepest step between neighbours decides: a line through all would hide one that begins to grow at the end.
 */
export function growth(points) {
  const steps = points.slice(1).map(([size, cost], n) => {
    const [smaller, cheaper] = points[n];
    return Math.log(cost / cheaper) / Math.log(size / smaller);
  });
  return Math.max(...steps);
}

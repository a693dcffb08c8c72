/** Whether two names are so near that one may have been meant by the other. Pure. */

/** How many letters may be wrong, missing, too many or swapped with their neighbour. */
const SLIPS_MAX = 2;

export function isAlike(one, other) {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a !== b && Math.max(a.length, b.length) > 2 && distance([...a], [...b]) <= Math.min(SLIPS_MAX, Math.floor(Math.max(a.length, b.length) / 3));
}

/** The optimal string alignment distance. */
function distance(a, b) {
  if (Math.abs(a.length - b.length) > SLIPS_MAX) return Infinity;
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows.at(-1).at(-1);
}

/**
 * The element at `index`, counted from the end where it is negative.
 *
 * @throws RangeError where there is none
 */
export function nth<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index < 0 ? index + list.length : index];
  if (element === undefined) throw new RangeError(`expected an index into ${list.length} elements, got ${index}`);
  return element;
}

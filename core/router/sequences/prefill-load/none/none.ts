/** No expectation: prompt tokens count in full until the first token is out. */
export function unmodelledPrefill(): undefined {
  return undefined;
}

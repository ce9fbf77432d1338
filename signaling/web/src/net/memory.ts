/** Reads what this browser remembers; a browser that forbids memory remembers nothing. */
export function recall(
  name: string,
  store: 'localStorage' | 'sessionStorage' = 'localStorage',
): string | null {
  try {
    return window[store].getItem(`three-classrooms.${name}`)
  } catch {
    return null
  }
}

/** Remembers a value, or with null forgets it. */
export function remember(
  name: string,
  value: string | null,
  store: 'localStorage' | 'sessionStorage' = 'localStorage',
): void {
  try {
    if (value === null) window[store].removeItem(`three-classrooms.${name}`)
    else window[store].setItem(`three-classrooms.${name}`, value)
  } catch {
    // Private windows may refuse; the page works without.
  }
}

import type { Classroom } from './classroom'

/** With `?debug=1` only: lets tests look at the page's state and both connections' statistics. */
export function exposeForTests(classroom: Classroom): void {
  if (new URLSearchParams(location.search).get('debug') !== '1') return
  const { session, publisher, subscriber } = classroom
  const look = {
    phase: () => session.phase.value,
    state: () => ({ ...session.view.value, levels: [...session.view.value.levels] }),
    connections: () => ({ publish: publisher.state.value, subscribe: subscriber.state.value }),
    playout: () => subscriber.patience.playout,
    marks: () => ({ ...classroom.marks }),
    getStats: async () => ({ publish: await publisher.stats(), subscribe: await subscriber.stats() }),
  }
  Object.defineProperty(window, '__lesson', { value: Object.freeze(look), writable: false })
}

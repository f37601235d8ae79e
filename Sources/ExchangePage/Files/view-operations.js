// How the venue is doing: how long things take, what waits, what was refused.

import { doingsTable, fillDoings } from './doings.js'
import { live } from './live.js'
import { facts, fill, h, panel, show, span, table } from './lib.js'

const count = (value) => (value === null || value === undefined ? '—' : show(String(value)))

/** The view. */
export function operations() {
  const load = h('div')
  const times = table('How long things take', ['What', 'Of the last', 'Half within', '99 in 100 within', 'Longest'])
  const log = doingsTable()
  const element = h('div', { class: 'operations' }, h('h1', {}, 'Operations'),
    h('div', { class: 'two' }, panel('Load', {}, load), panel('Times', {}, h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Times' }, times))),
    panel('Administrators’ log', {}, h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Administrators’ log' }, log)))
  let before = null
  let rate = null
  return {
    element,
    open() { live.ask('history', '/zerosum/v1/parameters/history', { parameters: { limit: 200 }, every: 1000 }) },
    close() { live.drop('history') },
    paint() {
      const it = live.data('status')
      if (!it) return
      if (before && it.now - before.now >= 900_000) {
        rate = Math.round(((it.commands - before.commands) * 1e6) / (it.now - before.now))
        before = it
      }
      before ??= it
      load.replaceChildren(facts([['Commands since the start', count(it.commands)], ['A second', rate === null ? '—' : count(rate)], ['Waiting now', count(it.waiting)], ['Refused by rule', count(it.rejected)],
        ['Refused for overload', count(it.overloaded)], ['Stream subscriptions', count(it.listeners)], ['Last durable command', `№ ${it.sequence}`], ['Running for', span(it.now - it.startedAt)]]))
      fill(times, [['commits', 'A group made durable (fsync)'], ['requests', 'A request of the wire, whole to answered']].map(([key, words]) => [key, JSON.stringify(it[key]), () =>
        [words, count(it[key].count), span(it[key].p50), span(it[key].p99), span(it[key].longest)]]))
      fillDoings(log, live.data('history')?.commands ?? [])
    },
  }
}

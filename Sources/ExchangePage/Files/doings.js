// What administrators did, as rows of a table: the number and time of the command, its fields, what became of it.

import { clock, fill, h, moment, table } from './lib.js'

/** The table. */
export const doingsTable = () => table('What administrators did', ['№', 'When', 'What', 'Result'])

/** Puts commands into it, newest first. */
export function fillDoings(element, commands) {
  fill(element, [...commands].reverse().map((it) => [it.sequence, '', () => {
    const { sequence, at, do: what, status, ...rest } = it
    const fields = Object.entries(rest).filter(([, value]) => typeof value !== 'object').slice(0, 8)
    return [String(sequence), h('span', { title: moment(at) }, clock(at)),
      h('td', { class: 'words' }, h('b', {}, what), ' ', h('span', { class: 'quiet' }, fields.map(([key, value]) => `${key} ${value}`).join(', '))), status]
  }]))
}

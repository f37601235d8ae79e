// A flow: one amount on the left, what became of it on the right, in bands as wide as their parts. Beneath it
// the same numbers as a table whose last row proves that they add up.

import { decimal, h, s, show } from './lib.js'

// Where the bands begin and end, and how wide all of it is: narrow screens get a drawing of their own, for a
// wide one made small could not be read.
const places = () => (innerWidth < 861 ? { width: 400, from: 112, to: 225 } : { width: 760, from: 170, to: 480 })

/**
 * `parts`: `{ name, value (a whole number of 10⁻⁸), tone, note }`; bands of nothing are left out of the
 * drawing, not of the table.
 */
export function flow(title, total, parts, unit) {
  const { width, from: left, to: right } = places()
  const sum = parts.reduce((all, part) => all + part.value, 0n)
  const shown = parts.filter((part) => part.value > 0n)
  const rows = Math.max(1, shown.length)
  const height = Math.max(90, rows * 46 + 10)
  const inner = height - 20
  const whole = shown.reduce((all, part) => all + part.value, 0n)
  const drawing = s('svg', { viewBox: `0 0 ${width} ${height}`, class: 'flow', role: 'img',
    'aria-label': `${title}: ${parts.map((part) => `${part.name} ${decimal(part.value)}`).join(', ')}` })
  const box = (x, y, w, tall, tone) => s('rect', { x, y, width: w, height: Math.max(2, tall), rx: 2, class: tone })
  drawing.append(box(left, 10, 12, inner, 'tone-all'))
  const label = (x, y, text, kind, anchor = 'start') => {
    const element = s('text', { x, y, class: kind, 'text-anchor': anchor })
    element.textContent = text
    return element
  }
  drawing.append(label(left - 12, height / 2 - 3, title, 'name', 'end'), label(left - 12, height / 2 + 15, show(total, 2), 'value', 'end'))
  const [start, bend] = [left + 12, (left + 12 + right) / 2]
  let from = 10
  shown.forEach((part, place) => {
    const tall = whole > 0n ? (Number((part.value * 10_000n) / whole) / 10_000) * inner : 0
    const slot = inner / rows
    const to = 10 + place * slot + (slot - Math.min(tall, slot - 6)) / 2
    const thick = Math.min(tall, slot - 6)
    const [a, b] = [from + tall, to + Math.max(2, thick)]
    drawing.append(s('path', { class: `band ${part.tone}`, d: `M${start} ${from} C ${bend} ${from}, ${bend} ${to}, ${right} ${to} L${right} ${b} C ${bend} ${b}, ${bend} ${a}, ${start} ${a} Z` }))
    drawing.append(box(right, to, 12, thick, part.tone), label(right + 22, to + thick / 2 - 2, part.name, 'name'),
      label(right + 22, to + thick / 2 + 14, show(part.value, 2), 'value'))
    from += tall
  })
  const rest = total - sum
  return h('figure', { class: 'flow-figure' },
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title }, drawing),
    h('figcaption', {}, h('details', {}, h('summary', {}, `The same in numbers, to the last unit (${unit})`),
      h('table', { class: 'sum' }, h('caption', { class: 'hidden' }, title),
        h('tbody', {},
          h('tr', {}, h('th', { scope: 'row' }, title), h('td', {}, decimal(total)), h('td')),
          parts.map((part) => h('tr', {}, h('th', { scope: 'row' }, `− ${part.name}`), h('td', {}, decimal(part.value)), h('td', {}, part.note ?? ''))),
          h('tr', { class: rest === 0n ? 'proof good' : 'proof bad' }, h('th', { scope: 'row' }, 'left'), h('td', {}, decimal(rest)),
            h('td', {}, rest === 0n ? '= 0 ✓' : 'does not add up')))))))
}

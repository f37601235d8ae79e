// A flow: one amount on the left, what became of it on the right, in bands as wide as their parts. Beneath it
// the same numbers as a table whose last row proves that they add up.

import { decimal, h, s, show } from './lib.js'

const width = 760

/**
 * `parts`: `{ name, value (a whole number of 10⁻⁸), tone, note }`; bands of nothing are left out of the
 * drawing, not of the table.
 */
export function flow(title, total, parts, unit) {
  const sum = parts.reduce((all, part) => all + part.value, 0n)
  const shown = parts.filter((part) => part.value > 0n)
  const rows = Math.max(1, shown.length)
  const height = Math.max(90, rows * 46 + 10)
  const inner = height - 20
  const whole = shown.reduce((all, part) => all + part.value, 0n)
  const drawing = s('svg', { viewBox: `0 0 ${width} ${height}`, class: 'flow', role: 'img',
    'aria-label': `${title}: ${parts.map((part) => `${part.name} ${decimal(part.value)}`).join(', ')}` })
  const box = (x, y, w, tall, tone) => s('rect', { x, y, width: w, height: Math.max(2, tall), rx: 2, class: tone })
  drawing.append(box(170, 10, 12, inner, 'tone-all'))
  const label = (x, y, text, kind, anchor = 'start') => {
    const element = s('text', { x, y, class: kind, 'text-anchor': anchor })
    element.textContent = text
    return element
  }
  drawing.append(label(158, height / 2 - 3, title, 'name', 'end'), label(158, height / 2 + 15, show(total, 2), 'value', 'end'))
  let from = 10
  shown.forEach((part, place) => {
    const tall = whole > 0n ? (Number((part.value * 10_000n) / whole) / 10_000) * inner : 0
    const slot = inner / rows
    const to = 10 + place * slot + (slot - Math.min(tall, slot - 6)) / 2
    const thick = Math.min(tall, slot - 6)
    const [a, b] = [from + tall, to + Math.max(2, thick)]
    drawing.append(s('path', { class: `band ${part.tone}`, d: `M182 ${from} C 330 ${from}, 350 ${to}, 480 ${to} L480 ${b} C 350 ${b}, 330 ${a}, 182 ${a} Z` }))
    drawing.append(box(480, to, 12, thick, part.tone), label(502, to + thick / 2 - 2, part.name, 'name'),
      label(502, to + thick / 2 + 14, show(part.value, 2), 'value'))
    from += tall
  })
  const left = total - sum
  return h('figure', { class: 'flow-figure' },
    h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title }, drawing),
    h('figcaption', {}, h('details', {}, h('summary', {}, `The same in numbers, to the last unit (${unit})`),
      h('table', { class: 'sum' }, h('caption', { class: 'hidden' }, title),
        h('tbody', {},
          h('tr', {}, h('th', { scope: 'row' }, title), h('td', {}, decimal(total)), h('td')),
          parts.map((part) => h('tr', {}, h('th', { scope: 'row' }, `− ${part.name}`), h('td', {}, decimal(part.value)), h('td', {}, part.note ?? ''))),
          h('tr', { class: left === 0n ? 'proof good' : 'proof bad' }, h('th', { scope: 'row' }, 'left'), h('td', {}, decimal(left)),
            h('td', {}, left === 0n ? '= 0 ✓' : 'does not add up')))))))
}

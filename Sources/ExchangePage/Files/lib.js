// Numbers, time and elements. Amounts are decimal strings from the venue and are reckoned with as whole
// numbers of 10⁻⁸: a float never touches them, except to say how wide a bar is.

const one = 100_000_000n

/** A decimal string as a whole number of 10⁻⁸; null stays null. */
export function units(text) {
  if (text === null || text === undefined || text === '') return null
  const match = /^(-?)(\d+)(?:\.(\d{1,8}))?$/.exec(String(text))
  if (!match) return null
  const value = BigInt(match[2]) * one + BigInt((match[3] ?? '').padEnd(8, '0') || 0)
  return match[1] ? -value : value
}

/** A whole number of 10⁻⁸ as a decimal string, without superfluous zeros. */
export function decimal(value) {
  if (value === null || value === undefined) return null
  const size = value < 0n ? -value : value
  const rest = String(size % one).padStart(8, '0').replace(/0+$/, '')
  return (value < 0n ? '-' : '') + size / one + (rest ? '.' + rest : '')
}

/** Decimals after the point of a step such as "0.001". */
export function places(step) {
  const at = String(step ?? '1').indexOf('.')
  return at < 0 ? 0 : String(step).length - at - 1
}

/** For people: grouped thousands, a real minus, and so many decimals; the rest is cut off, never rounded up. */
export function show(text, decimals = null) {
  const value = typeof text === 'bigint' ? text : units(text)
  if (value === null) return '—'
  const size = value < 0n ? -value : value
  const whole = String(size / one).replace(/\B(?=(\d{3})+$)/g, '\u202f')
  let rest = String(size % one).padStart(8, '0')
  rest = decimals === null ? rest.replace(/0+$/, '') : rest.slice(0, decimals)
  const isNothing = decimals !== null && size / one === 0n && /^0*$/.test(rest) && size > 0n
  const sign = value < 0n ? '−' : ''
  if (isNothing) return sign + '<' + (decimals ? '0.' + '1'.padStart(decimals, '0') : '1')
  return sign + whole + (rest ? '.' + rest : '')
}

/** Money, with two decimals and the exact value in the title. */
export function money(text, options = {}) {
  const value = typeof text === 'bigint' ? text : units(text)
  const span = h('span', { class: 'number' + (options.signed ? ' ' + signClass(value) : '') })
  span.textContent = (options.signed && value > 0n ? '+' : '') + show(value, options.decimals ?? 2)
  span.title = value === null ? 'not known' : decimal(value)
  return span
}

/** A class for gains and losses; the sign itself is always written too. */
export function signClass(value) {
  return value === null || value === 0n ? '' : value > 0n ? 'up' : 'down'
}

/** A rate such as "0.0001" in per cent. */
export function percent(text, decimals = 2) {
  const value = units(text)
  return value === null ? '—' : show(value * 100n, decimals) + '\u202f%'
}

/** For the width of bars only. */
export const float = (text) => (text === null || text === undefined ? 0 : Number(text))

const pad = (n, width = 2) => String(n).padStart(width, '0')

/** µs since 1970 as a time of day. */
export function clock(micro, withMillis = false) {
  if (!micro) return '—'
  const date = new Date(Number(micro) / 1000)
  const text = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  return withMillis ? `${text}.${pad(date.getMilliseconds(), 3)}` : text
}

/** µs since 1970 as a date and time. */
export function moment(micro) {
  if (!micro) return '—'
  const date = new Date(Number(micro) / 1000)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(micro, true)}`
}

/** µs as a span of time in words as short as they can be. */
export function span(micro) {
  if (micro === null || micro === undefined) return '—'
  const seconds = Number(micro) / 1e6
  if (seconds < 0.001) return `${Math.round(Number(micro))}\u202fµs`
  if (seconds < 1) return `${Math.round(seconds * 1000)}\u202fms`
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}\u202fs`
  if (seconds < 7200) return `${Math.round(seconds / 60)}\u202fmin`
  return `${Math.round(seconds / 3600)}\u202fh`
}

// Elements.

/** An element with attributes, listeners (`onclick`) and children. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'class') element.className = value
    else if (value === true) element.setAttribute(key, '')
    else element.setAttribute(key, value)
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

/** An SVG element. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, value)
  }
  element.append(...children)
  return element
}

/** A panel with a heading. */
export function panel(title, attributes, ...children) {
  const id = 'p-' + title.toLowerCase().replace(/[^a-z]+/g, '-')
  return h('section', { ...attributes, class: 'panel ' + (attributes.class ?? ''), 'aria-labelledby': id },
    h('h2', { id }, title), ...children)
}

/** A table whose rows are made anew only where they differ. */
export function table(caption, heads, attributes = {}) {
  const body = h('tbody')
  const element = h('table', attributes,
    h('caption', { class: 'hidden' }, caption),
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))), body)
  element.rowsBody = body
  return element
}

/** Puts rows into a table: `[key, signature, makeCells]`; a row is kept while its signature is the same. */
export function fill(element, rows, empty = 'Nothing yet.') {
  const body = element.rowsBody
  if (rows.length === 0) {
    if (body.dataset.empty !== empty) {
      const wide = element.querySelectorAll('thead th').length
      body.replaceChildren(h('tr', { class: 'none' }, h('td', { colspan: wide }, empty)))
      body.dataset.empty = empty
    }
    return
  }
  delete body.dataset.empty
  const old = new Map([...body.children].map((row) => [row.dataset.key, row]))
  const wanted = rows.map(([key, signature, make, attributes]) => {
    const kept = old.get(String(key))
    if (kept && kept.dataset.signature === signature) return kept
    const row = h('tr', { ...(attributes ?? {}), 'data-key': String(key), 'data-signature': signature })
    row.append(...make().map((cell) => (cell instanceof HTMLTableCellElement ? cell : h('td', {}, cell ?? '—'))))
    return row
  })
  const keep = new Set(wanted)
  for (const row of [...body.children]) if (!keep.has(row)) row.remove()
  wanted.forEach((row, place) => {
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null)
  })
}

/** A list of names and values. */
export function facts(pairs, attributes = {}) {
  return h('dl', { ...attributes, class: 'facts ' + (attributes.class ?? '') },
    pairs.map(([name, value, title]) => h('div', { title }, h('dt', {}, name), h('dd', {}, value ?? '—'))))
}

/** Five lights and their number: never told by colour alone. */
export function lights(count) {
  const label = count === null ? 'unknown' : count === 0 ? 'not in the queue' : `${count} of 5 lights`
  return h('span', { class: 'lights l' + (count ?? 0), role: 'img', 'aria-label': label, title: label },
    [1, 2, 3, 4, 5].map((n) => h('i', { class: n <= (count ?? 0) ? 'on' : '' })),
    h('b', {}, count === null ? '—' : String(count)))
}

/** Says something in passing. */
export function toast(text, kind = '') {
  const note = h('p', { class: 'toast ' + kind }, text)
  document.getElementById('toasts').append(note)
  setTimeout(() => note.remove(), 6000)
}

/** A list of any length of which only what is in view has elements. Rows are all as high. */
export class LongList {
  constructor(label, height, make) {
    this.height = height
    this.make = make
    this.rows = []
    this.inner = h('div', { class: 'long-inner', role: 'presentation' })
    this.element = h('div', { class: 'long', role: 'log', tabindex: '0', 'aria-label': label, 'aria-live': 'off' },
      this.inner)
    this.element.addEventListener('scroll', () => this.paint(), { passive: true })
    this.shown = new Map()
  }

  /** Newest first. */
  set(rows) {
    this.rows = rows
    this.paint()
  }

  paint() {
    const { scrollTop, clientHeight } = this.element
    this.inner.style.height = `${this.rows.length * this.height}px`
    const first = Math.max(0, Math.floor(scrollTop / this.height) - 4)
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / this.height) + 4)
    const next = new Map()
    for (let place = first; place < last; place += 1) {
      const row = this.rows[place]
      const element = this.shown.get(row.key) ?? this.make(row)
      element.style.transform = `translateY(${place * this.height}px)`
      if (!element.isConnected) this.inner.append(element)
      next.set(row.key, element)
    }
    for (const [key, element] of this.shown) if (!next.has(key)) element.remove()
    this.shown = next
  }
}

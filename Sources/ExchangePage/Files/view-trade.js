// The first screen: book, chart, tape, what you have, and an order.

import { live, account } from './live.js'
import { LongList, clock, float, h, panel, show } from './lib.js'
import { decimals, marketEntry, state } from './state.js'
import { makeChart } from './chart-view.js'
import { makeDesk } from './desk.js'

const depthRows = 12

function ladder() {
  const asks = h('tbody', { class: 'asks' })
  const bids = h('tbody', { class: 'bids' })
  const middle = h('tbody', { class: 'middle' })
  const group = h('select', { 'aria-label': 'Group prices by' })
  const age = h('span', { class: 'quiet' })
  const element = panel('Order book', { class: 'ladder' },
    h('div', { class: 'row' }, group, age),
    h('table', {},
      h('caption', { class: 'hidden' }, 'Asks above, bids below, each with the sum of everything at least as good'),
      h('thead', {}, h('tr', {}, ['Price', 'Size', 'Sum'].map((it) => h('th', { scope: 'col' }, it)))),
      asks, middle, bids))

  const steps = () => {
    const tick = marketEntry()?.parameters.tickSize
    if (!tick || group.dataset.tick === tick) return
    group.dataset.tick = tick
    const made = [1, 10, 100, 1000].map((times) => (Number(tick) * times).toFixed(Math.max(0, decimals().price - Math.log10(times))))
    group.replaceChildren(...made.map((step) => h('option', { value: step }, step)))
    group.value = made[Math.min(2, made.length - 1)]
  }

  function grouped(levels, isAsk) {
    const step = Number(group.value || marketEntry()?.parameters.tickSize || 1)
    const rows = new Map()
    for (const [price, size] of levels) {
      const place = isAsk ? Math.ceil(float(price) / step - 1e-9) : Math.floor(float(price) / step + 1e-9)
      rows.set(place, (rows.get(place) ?? 0n) + BigInt(Math.round(float(size) * 1e8)))
    }
    let sum = 0n
    return [...rows].slice(0, depthRows).map(([place, size]) => {
      sum += size
      return { price: (place * step).toFixed(Math.max(0, decimals().price)), size, sum, place }
    })
  }

  function rows(body, levels, isAsk, largest, own, vault) {
    const step = Number(group.value || 1)
    const list = isAsk ? [...levels].reverse() : levels
    body.replaceChildren(...Array.from({ length: depthRows }, (_, i) => {
      const offset = depthRows - list.length
      const level = isAsk ? list[i - offset] : list[i]
      if (!level) return h('tr', { class: 'empty' }, h('td', {}, '\u00a0'), h('td'), h('td'))
      const inside = (price) => (isAsk ? Math.ceil(price / step - 1e-9) : Math.floor(price / step + 1e-9)) === level.place
      const isOwn = own.some((it) => (it.side === 'SELL') === isAsk && inside(float(it.price)))
      const row = h('tr', { class: isOwn ? 'own' : '' },
        h('td', { class: isAsk ? 'down' : 'up' }, show(level.price, decimals().price), isOwn ? h('abbr', { title: 'your order' }, ' ●') : null),
        h('td', {}, show(level.size, decimals().quantity)), h('td', {}, show(level.sum, decimals().quantity)))
      row.style.setProperty('--part', `${largest > 0n ? Number((level.sum * 1000n) / largest) / 10 : 0}%`)
      return row
    }))
  }

  return {
    element,
    paint() {
      steps()
      const depth = live.data('depth')
      age.textContent = depth ? `changed ${clock(depth.T * 1000, true)}` : '—'
      if (!depth) return
      const sells = grouped(depth.asks, true)
      const buys = grouped(depth.bids, false)
      const largest = [sells.at(-1)?.sum ?? 0n, buys.at(-1)?.sum ?? 0n].reduce((a, b) => (a > b ? a : b))
      const own = (live.data('orders') ?? []).filter((it) => it.symbol === state.market && float(it.price) > 0)
      rows(asks, sells, true, largest, own)
      rows(bids, buys, false, largest, own)
      const best = [depth.bids[0]?.[0], depth.asks[0]?.[0]]
      const gap = best[0] && best[1] ? (float(best[1]) - float(best[0])).toFixed(decimals().price) : null
      middle.replaceChildren(h('tr', {}, h('td', { colspan: 3 },
        h('strong', {}, marketEntry() ? show(marketEntry().mark, decimals().price) : '—'), ' mark · spread ', gap ?? '—')))
    },
  }
}

const tagWords = {
  LIQ: 'a liquidation in the book', ADL: 'auto-deleveraging', VAULT: 'the backstop vault', VOL: 'a volunteer',
  NET: 'two of the liquidated against each other', RES: 'closed at mark, borne by all', SETTLE: 'the market’s end',
}

/** A tag with its meaning. */
export const tag = (name) => (name ? h('abbr', { class: 'tag ' + name, title: tagWords[name] ?? name }, name) : null)

function tape() {
  const list = new LongList('Trades, newest first', 22, (row) => h('div', { class: 'tick' },
    h('span', { class: row.side === 'BUY' ? 'up' : 'down' }, (row.side === 'BUY' ? '▲ ' : '▼ ') + show(row.price, decimals().price)),
    h('span', { class: 'number' }, show(row.quantity, decimals().quantity)),
    h('span', { class: 'quiet' }, clock(row.at)), h('span', {}, tag(row.tag))))
  let seen = 0
  let rows = []
  return {
    element: panel('Tape', { class: 'tape' }, list.element),
    forget() { seen = 0; rows = []; list.set(rows) },
    paint() {
      const answer = live.data('tape')
      if (!answer || answer.symbol !== state.market) return
      const fresh = answer.prints.filter((it) => it.number > seen)
      if (fresh.length === 0) return
      // Numbers are without gaps: what came between two answers and is not here is said.
      const missed = seen && fresh[0].number > seen + 1 ? fresh[0].number - seen - 1 : 0
      if (missed) rows.unshift({ key: `gap${seen}`, side: 'SELL', price: null, quantity: null, at: null, tag: null })
      for (const it of fresh) rows.unshift({ ...it, key: it.number })
      seen = fresh.at(-1).number
      rows.length = Math.min(rows.length, 10_000)
      list.set(rows)
    },
  }
}

/** The view. */
export function trade() {
  const parts = { book: ladder(), tape: tape(), chart: makeChart(), desk: makeDesk() }
  const element = h('div', { class: 'trade' },
    h('h1', { class: 'hidden' }, 'Trade'),
    parts.chart.element, parts.book.element, parts.tape.element, parts.desk.ticket, parts.desk.element)
  function ask() {
    if (!state.market) return
    const symbol = state.market
    live.ask('depth', '/fapi/v1/depth', { parameters: { symbol, limit: 100 } })
    live.ask('tape', '/zerosum/v1/tape', { parameters: { symbol, limit: 200 } })
    parts.chart.ask(symbol)
    parts.desk.ask()
  }
  const again = () => parts.desk.ask()
  addEventListener('accountchange', again)
  return {
    element,
    open: ask,
    marketChanged() { parts.tape.forget(); ask() },
    paint() {
      parts.book.paint()
      parts.tape.paint()
      parts.chart.paint()
      parts.desk.paint(account.get())
    },
    close() {
      removeEventListener('accountchange', again)
      parts.chart.close()
      for (const name of ['depth', 'tape', 'forced', 'candles', 'markLine', 'indexLine']) live.drop(name)
      parts.desk.close()
    },
  }
}

// Candles with mark and index, liquidations as bubbles and deleveragings as diamonds. The chart library is
// not part of the program: without it the place says so, and everything else goes on.

import { ask, live } from './live.js'
import { clock, float, h, panel, show } from './lib.js'
import { decimals, state } from './state.js'

const intervals = { '1m': 60, '5m': 300, '15m': 900, '1h': 3600 }

function colours() {
  const style = getComputedStyle(document.documentElement)
  const value = (name) => style.getPropertyValue(name).trim()
  return { text: value('--quiet'), line: value('--line'), up: value('--up'), down: value('--down'),
    mark: value('--gold'), index: value('--blue'), adl: value('--violet'), halt: value('--veil') }
}

/** Draws what happened over the candles: a primitive of the library (its plugin interface, version 4). */
class Happenings {
  constructor() { this.events = []; this.view = { zOrder: () => 'top', renderer: () => ({ draw: (target) => this.draw(target) }) } }
  attached({ chart, series, requestUpdate }) { Object.assign(this, { chart, series, requestUpdate }) }
  detached() { this.chart = null }
  updateAllViews() {}
  paneViews() { return [this.view] }

  set(events) { this.events = events; this.requestUpdate?.() }

  draw(target) {
    const tones = colours()
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const scale = this.chart.timeScale()
      for (const it of this.events) {
        const x = scale.timeToCoordinate(it.time)
        if (x === null) continue
        if (it.kind === 'line') {
          context.strokeStyle = tones.text
          context.setLineDash([2, 4])
          context.beginPath(); context.moveTo(x, 0); context.lineTo(x, mediaSize.height); context.stroke()
          context.setLineDash([])
          context.fillStyle = tones.text
          context.font = '10px system-ui'
          context.fillText(it.label, x + 3, 11)
          continue
        }
        const y = this.series.priceToCoordinate(it.price)
        if (y === null) continue
        const size = Math.min(26, 3 + Math.sqrt(it.notional) / 14)
        context.globalAlpha = 0.75
        context.strokeStyle = context.fillStyle = it.kind === 'ADL' ? tones.adl : it.side === 'BUY' ? tones.up : tones.down
        context.beginPath()
        if (it.kind === 'ADL') {
          context.moveTo(x, y - size); context.lineTo(x + size, y); context.lineTo(x, y + size); context.lineTo(x - size, y)
          context.closePath()
          context.fill()
        } else {
          context.arc(x, y, size, 0, 7)
          context.globalAlpha = 0.25
          context.fill()
          context.globalAlpha = 0.9
          context.stroke()
        }
        context.globalAlpha = 1
      }
    })
  }
}

/** The chart's panel. */
export function makeChart() {
  const library = window.LightweightCharts
  const place = h('div', { class: 'canvas', role: 'img', 'aria-label': 'Candles of the last price, with mark and index' })
  const picks = h('div', { class: 'segments', role: 'group', 'aria-label': 'Interval' })
  const legend = h('p', { class: 'legend' },
    h('span', { class: 'key mark' }, 'mark'), h('span', { class: 'key index' }, 'index'),
    h('span', { class: 'key bubble' }, '○ liquidation'), h('span', { class: 'key diamond' }, '◆ deleveraging'))
  const summary = h('p', { class: 'hidden', 'aria-live': 'off' })
  const element = panel('Chart', { class: 'chart' }, h('div', { class: 'row' }, picks, legend), place, summary)
  if (!library) {
    place.className = 'canvas absent'
    place.textContent = 'The chart library could not be had when this venue was set up, so candles are left out. '
      + 'Everything else on this page works without it.'
    picks.hidden = true
    legend.hidden = true
    return { element, ask() {}, paint() {}, close() {} }
  }
  let interval = '1m'
  let symbol = null
  let loads = 0
  const chart = library.createChart(place, { autoSize: true, crosshair: { mode: 0 },
    timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 4 },
    localization: { timeFormatter: (time) => clock(time * 1e6) } })
  const candles = chart.addCandlestickSeries({ priceLineVisible: false })
  const mark = chart.addLineSeries({ lineWidth: 2, priceLineVisible: false, lastValueVisible: true })
  const index = chart.addLineSeries({ lineWidth: 1, lineStyle: 2, priceLineVisible: false, lastValueVisible: false })
  const happenings = new Happenings()
  candles.attachPrimitive(happenings)

  function dress() {
    const tones = colours()
    chart.applyOptions({ layout: { background: { color: 'transparent' }, textColor: tones.text },
      grid: { vertLines: { color: tones.line }, horzLines: { color: tones.line } },
      rightPriceScale: { borderColor: tones.line }, timeScale: { borderColor: tones.line } })
    const format = { type: 'price', precision: decimals().price, minMove: 1 / 10 ** decimals().price }
    candles.applyOptions({ upColor: tones.up, downColor: tones.down, wickUpColor: tones.up, wickDownColor: tones.down,
      borderVisible: false, priceFormat: format })
    mark.applyOptions({ color: tones.mark, priceFormat: format })
    index.applyOptions({ color: tones.index, priceFormat: format })
  }

  const bar = (row) => ({ time: row[0] / 1000, open: float(row[1]), high: float(row[2]), low: float(row[3]), close: float(row[4]) })
  const point = (row) => ({ time: row[0] / 1000, value: float(row[4]) })
  // Prices of zero are of a time without trades.
  const real = (row) => float(row[4]) > 0

  async function load() {
    loads += 1
    const mine = loads
    const query = `symbol=${symbol}&interval=${interval}&limit=500`
    const name = `pair=${symbol}&interval=${interval}&limit=500`
    try {
      const [last, marks, indices] = await Promise.all([
        ask(`/fapi/v1/klines?${query}`), ask(`/fapi/v1/markPriceKlines?${query}`), ask(`/fapi/v1/indexPriceKlines?${name}`)])
      if (mine !== loads) return
      dress()
      candles.setData(last.filter(real).map(bar))
      mark.setData(marks.filter(real).map(point))
      index.setData(indices.filter(real).map(point))
      chart.timeScale().scrollToRealTime()
    } catch (error) {
      summary.textContent = `No candles: ${error.message}`
    }
  }

  picks.replaceChildren(...Object.keys(intervals).map((name) => h('button', {
    type: 'button', 'aria-pressed': String(name === interval), onclick(event) {
      interval = name
      for (const it of picks.children) it.setAttribute('aria-pressed', String(it === event.currentTarget))
      follow()
    } }, name)))

  function follow() {
    live.ask('candles', '/fapi/v1/klines', { parameters: { symbol, interval, limit: 2 } })
    live.ask('markLine', '/fapi/v1/markPriceKlines', { parameters: { symbol, interval, limit: 2 } })
    live.ask('indexLine', '/fapi/v1/indexPriceKlines', { parameters: { pair: symbol, interval, limit: 2 } })
    live.ask('forced', '/zerosum/v1/tape', { parameters: { symbol, forced: true, limit: 1000 }, every: 500 })
    live.ask('funding', '/fapi/v1/fundingRate', { parameters: { symbol, limit: 100 }, every: 5000 })
    live.ask('doings', '/zerosum/v1/parameters/history', { parameters: { limit: 200 }, every: 2000 })
    load()
  }

  function paintHappenings() {
    const step = intervals[interval]
    const at = (micro) => Math.floor(Number(micro) / 1e6 / step) * step
    const grouped = new Map()
    for (const it of live.data('forced')?.prints ?? []) {
      if (it.tag !== 'LIQ' && it.tag !== 'ADL') continue
      const key = `${at(it.at)} ${it.tag} ${it.side} ${it.price}`
      const one = grouped.get(key) ?? { time: at(it.at), kind: it.tag, side: it.side, price: float(it.price), notional: 0 }
      one.notional += float(it.price) * float(it.quantity)
      grouped.set(key, one)
    }
    const lines = [
      ...(live.data('funding') ?? []).map((it) => ({ kind: 'line', time: at(it.fundingTime * 1000), label: 'funding' })),
      ...(live.data('doings')?.commands ?? [])
        .filter((it) => (it.do === 'state' || it.do === 'settle') && it.symbol === state.market)
        .map((it) => ({ kind: 'line', time: at(it.at), label: it.do === 'settle' ? 'settled' : it.state })),
    ]
    const all = [...lines, ...grouped.values()]
    const signature = `${all.length} ${all.at(-1)?.time} ${all.at(-1)?.notional} ${interval}`
    if (signature !== happenings.signature) {
      happenings.signature = signature
      happenings.set(all)
    }
  }

  const dressed = () => { dress(); happenings.requestUpdate?.() }
  addEventListener('themechange', dressed)
  return {
    element,
    ask(wanted) {
      if (symbol === wanted) return
      symbol = wanted
      follow()
    },
    paint() {
      const row = live.data('candles')?.filter(real).at(-1)
      try {
        if (row) candles.update(bar(row))
        const [m, i] = [live.data('markLine')?.filter(real).at(-1), live.data('indexLine')?.filter(real).at(-1)]
        if (m) mark.update(point(m))
        if (i) index.update(point(i))
      } catch {
        load() // A bar older than the newest shown: the interval was just changed.
      }
      paintHappenings()
      if (row) {
        const forced = live.data('forced')?.prints ?? []
        const count = (tag) => forced.filter((it) => it.tag === tag).length
        summary.textContent = `Last price ${show(row[4], decimals().price)}; ${count('LIQ')} fills of liquidations and `
          + `${count('ADL')} of deleveragings are shown.`
      }
    },
    close() {
      removeEventListener('themechange', dressed)
      for (const name of ['funding', 'doings']) live.drop(name)
      chart.remove()
    },
  }
}

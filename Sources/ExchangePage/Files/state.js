// What all views share: which view and market is chosen, and what follows from the last answer about it.

import { live } from './live.js'
import { places } from './lib.js'

/** What all views share. */
export const state = { market: null, view: null, argument: null, isPlayground: false }

/** The entry of a market in the last answer. */
export const marketEntry = (symbol = state.market) =>
  live.data('markets')?.markets.find((it) => it.symbol === symbol) ?? null

/** Decimals of the market's prices and quantities. */
export const decimals = () => ({
  price: places(marketEntry()?.parameters.tickSize),
  quantity: places(marketEntry()?.parameters.lotSize),
})

/** The address of a view, so that it can be shared. */
export const address = (view, argument = null) =>
  `#/${view}${argument === null ? '' : '/' + argument}${state.market ? '?market=' + state.market : ''}`

/// The files of the venue's page: plain HTML, CSS and JavaScript modules, a part of the program.
public enum Page {
    /// Each file by its name.
    public static let files: [(name: String, bytes: [UInt8])] = [
        ("index.html", PackageResources.index_html),
        ("icon.svg", PackageResources.icon_svg),
        ("style.css", PackageResources.style_css),
        ("app.js", PackageResources.app_js),
        ("chart-view.js", PackageResources.chart_view_js),
        ("desk.js", PackageResources.desk_js),
        ("dialogs.js", PackageResources.dialogs_js),
        ("doings.js", PackageResources.doings_js),
        ("flow.js", PackageResources.flow_js),
        ("lib.js", PackageResources.lib_js),
        ("live.js", PackageResources.live_js),
        ("state.js", PackageResources.state_js),
        ("view-operations.js", PackageResources.view_operations_js),
        ("view-prices.js", PackageResources.view_prices_js),
        ("view-proof.js", PackageResources.view_proof_js),
        ("view-queue.js", PackageResources.view_queue_js),
        ("view-reserves.js", PackageResources.view_reserves_js),
        ("view-trade.js", PackageResources.view_trade_js),
        ("view-waterfall.js", PackageResources.view_waterfall_js),
    ]
}

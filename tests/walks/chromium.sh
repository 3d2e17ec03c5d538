#!/bin/sh
# The machine's Chromium without what no walk looks at and every window pays for: pages of the address bar's own, and a
# renderer to spare. Of two such words of a command only the last counts, and Playwright says one: so ours go into its own.
off=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess
for word; do
    shift
    case $word in --disable-features=*) word=$word,$off ;; esac
    set -- "$@" "$word"
done
exec "$MUSTER_CHROMIUM" "$@"

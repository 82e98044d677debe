// Entry module: each concern starts itself; all of them work on events that bubble to the document, so swapped
// content needs no set-up.
import "./frame.js";
import "./theme.js";
import "./live.js";
import "./inbox.js";
import "./choose.js";
import "./coding.js";
import "./keys.js";
import "./palette.js";
import "./undo.js";
import "./presence.js";
import "./filters.js";

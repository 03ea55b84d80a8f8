// The module marks its default export in a way that bundlers do not look at for importers that are modules themselves.
module.exports = require("../node_modules/react-custom-scrollbars-2/lib/index.js").Scrollbars;

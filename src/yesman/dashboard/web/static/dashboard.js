// The page's script: it puts finished pieces in their places and tells what was pressed. It makes no markup.
import { listen as acts } from "./acts.js";
import { follow } from "./live.js";
import { listen as palette } from "./palette.js";
import { listen as panels } from "./panels.js";
import { listen as terminals } from "./terminal.js";

acts();
terminals();
panels();
palette();
follow();

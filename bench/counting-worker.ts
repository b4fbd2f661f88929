// The product's worker, with its checkpoints counted. The order matters: the worker's module runs the machine.
import './count-checkpoints';
import '../src/machine/worker';

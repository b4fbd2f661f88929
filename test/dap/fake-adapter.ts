// An adapter process over a scripted machine: what dist/adapter.js is over the real one.
import { serve } from '../../src/debug';
import { launcherOf } from '../unit/debug/client';
import { FakeMachine } from '../unit/debug/fake-machine';

serve({ launcher: launcherOf(new FakeMachine()) }, process.stdin, process.stdout);

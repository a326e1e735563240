/**
 * What is loaded once the application stands: it follows notebooks and runs while nobody looks at the panel.
 */

export { addMarketCommands } from './commands/market';
export { addNotebookCommands } from './commands/notebook';
export { NewerOutput } from './newer';
export { NotebookFollower } from './notebooks';
export { notifyEnds } from './notifying';

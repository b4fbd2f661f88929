// The style sheet is bundled beside the script; importing it has no value.
declare module '*.css';

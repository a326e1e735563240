/** A drawing, as its text. */
declare module '*.svg' {
  const value: string;
  export default value;
}

export interface Shard {
  index: number;
  count: number;
}

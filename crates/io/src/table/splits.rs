//! Files to partitions as Spark cuts them (`FilePartition`): large files at multiples of the split
//! size, largest first, small ones packed together. So `df.show()` without an order prints what
//! Spark prints.

use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;

/// `spark.sql.files.maxPartitionBytes`.
const PARTITION_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// `spark.sql.files.openCostInBytes`.
const OPEN_COST_BYTES: u64 = 4 * 1024 * 1024;

pub fn split(
    files: &[PartitionedFile],
    slots: usize,
    splittable: impl Fn(&PartitionedFile) -> bool,
) -> Vec<FileGroup> {
    let total: u64 = files.iter().map(|file| file.object_meta.size + OPEN_COST_BYTES).sum();
    let per_slot = total / slots.max(1) as u64;
    let split_bytes = PARTITION_BYTES_MAX.min(OPEN_COST_BYTES.max(per_slot));

    let mut pieces: Vec<(u64, PartitionedFile)> = Vec::new();
    for file in files {
        let size = file.object_meta.size;
        if !splittable(file) {
            pieces.push((size, file.clone()));
            continue;
        }
        let mut start = 0;
        while start < size {
            let length = split_bytes.min(size - start);
            let range = file.clone().with_range(start as i64, (start + length) as i64);
            pieces.push((length, range));
            start += length;
        }
    }
    pieces.sort_by_key(|(length, _)| std::cmp::Reverse(*length));

    let mut groups = Vec::new();
    let mut current = Vec::new();
    let mut current_bytes = 0;
    for (length, piece) in pieces {
        if current_bytes + length > split_bytes && !current.is_empty() {
            groups.push(FileGroup::new(std::mem::take(&mut current)));
            current_bytes = 0;
        }
        current_bytes += length + OPEN_COST_BYTES;
        current.push(piece);
    }
    if !current.is_empty() || groups.is_empty() {
        groups.push(FileGroup::new(current));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_spark_cuts() {
        const MIB: u64 = 1024 * 1024;
        let files = [
            PartitionedFile::new("a", 10 * MIB),
            PartitionedFile::new("b", MIB),
            PartitionedFile::new("c", 2 * MIB),
        ];
        // (13 + 3 * 4) / 2 = 12.5 MiB per partition.
        let groups = split(&files, 2, |_| true);
        let names: Vec<Vec<&str>> = groups
            .iter()
            .map(|group| group.iter().map(|file| file.path().as_ref()).collect())
            .collect();
        assert_eq!(names, [vec!["a"], vec!["c", "b"]]);
    }
}

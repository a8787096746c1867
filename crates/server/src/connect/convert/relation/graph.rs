//! GraphFrames: the message that `graphframes-py` puts into `Relation.extension`.
//!
//! Vertices and edges are whole plans as bytes within it, which may hold such messages again; columns are expressions as
//! bytes, or SQL text.

use super::super::expression::expression;
use super::super::faults;
use crate::graph::{dense_vectors, kernel_table, rank_vectors, word2vec};
use crate::session::Session;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_graph::algorithm::{
    Algorithm, ConnectedComponents, DetectingCycles, KCore, LabelPropagation,
    MaximalIndependentSet, NeighborhoodAwareCdlp, PageRank, ParallelPersonalizedPageRank,
    RandomWalkEmbeddings, SequenceModel, ShortestPaths, StronglyConnectedComponents, SvdPlusPlus,
    TriangleCount, VertexId, WalkSource,
};
use firesteel_graph::kernel::{Hash2VecParams, RandomWalkParams, SvdPlusPlusParams};
use firesteel_ml::Value;
use firesteel_plan::graph::{CLUSTERED_COLUMNS, with_vertex_columns};
use firesteel_plan::spec::{
    AggregateNeighbors, AllPaths, Bfs, Clustering, DataSource, Expr, GraphCall, GraphMethod,
    HyperAnf, Pregel, Relation, RelationNode,
};
use firesteel_plan::sql;
use firesteel_proto::graphframes as message;
use firesteel_proto::nesting::{self, NestingError, PLAN_DEPTH_MAX};
use firesteel_proto::spark::connect as proto;
use message::graph_frames_api::Method;
use prost::{Message, Name};
use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The message's type, after the last slash of a type URL.
pub(super) const TYPE_NAME: &str = "org.graphframes.connect.proto.GraphFramesAPI";

/// MLlib's method behind power iteration clustering.
const CLUSTER_METHOD: &str = "powerIterationClusteringAssignClusters";

thread_local! {
    /// Relations around the graph that is converted, as far as messages within messages hide them from one another.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn graph(session: &Session, bytes: &[u8]) -> Result<RelationNode> {
    nesting::check(&message::GraphFramesApi::full_name(), bytes).map_err(refused)?;
    let api = message::GraphFramesApi::decode(bytes).map_err(|error| malformed(&error))?;
    let key = digest(bytes);
    let vertices = frame(session, &api.vertices)?;
    let edges = frame(session, &api.edges)?;
    let method = api.method.ok_or_else(|| SparkError::invalid_plan("A graph has no method."))?;
    let call = |edges: Relation, method: GraphMethod| {
        let key = Arc::clone(&key);
        RelationNode::Graph(Box::new(GraphCall { key, vertices: vertices.clone(), edges, method }))
    };
    let kernel_over = |inputs: Vec<Relation>, algorithm: Arc<dyn Algorithm>| {
        let added = algorithm.added();
        let cache = Arc::clone(&session.graphs);
        let runner = session.engine().runner()?;
        let transform = kernel_table(Arc::clone(&key), algorithm, cache, runner);
        let table = RelationNode::Transform { inputs, transform };
        Ok(match added {
            None => table,
            Some(added) => {
                let added: Vec<_> = added.iter().map(String::as_str).collect();
                *with_vertex_columns(vertices.clone(), table.into(), &added).node
            }
        })
    };
    let kernel = |edges: Relation, algorithm: Arc<dyn Algorithm>| {
        kernel_over(vec![vertices.clone(), edges], algorithm)
    };
    match method {
        Method::Triplets(_) => Ok(call(edges, GraphMethod::Triplets)),
        Method::Find(find) => Ok(call(edges, GraphMethod::Find { pattern: find.pattern })),
        Method::FilterVertices(filter) => {
            let condition = column(filter.condition.as_ref())?;
            Ok(call(edges, GraphMethod::FilterVertices { condition }))
        }
        Method::FilterEdges(filter) => {
            let condition = column(filter.condition.as_ref())?;
            Ok(call(edges, GraphMethod::FilterEdges { condition }))
        }
        Method::DropIsolatedVertices(_) => Ok(call(edges, GraphMethod::DropIsolatedVertices)),
        Method::AggregateMessages(sent) => {
            let method = GraphMethod::AggregateMessages {
                aggregates: columns(&sent.agg_col)?,
                to_src: columns(&sent.send_to_src)?,
                to_dst: columns(&sent.send_to_dst)?,
            };
            Ok(call(edges, method))
        }
        Method::Bfs(bfs) => {
            let method = Bfs {
                from: column(bfs.from_expr.as_ref())?,
                to: column(bfs.to_expr.as_ref())?,
                edge_filter: column(bfs.edge_filter.as_ref())?,
                length_max: bfs.max_path_length,
            };
            Ok(call(edges, GraphMethod::Bfs(method)))
        }
        Method::AllPaths(paths) => {
            let method = AllPaths {
                from: column(paths.from_expr.as_ref())?,
                to: column(paths.to_expr.as_ref())?,
                edge_filter: column(paths.edge_filter.as_ref())?,
                length_max: paths.max_path_length,
                is_directed: paths.is_directed,
            };
            Ok(call(edges, GraphMethod::AllPaths(method)))
        }
        Method::Pregel(pregel) => {
            let method = Box::new(self::pregel(&pregel)?);
            Ok(call(edges, GraphMethod::Pregel(method)))
        }
        Method::AggregateNeighbors(walks) => {
            let method = Box::new(aggregate_neighbors(walks)?);
            Ok(call(edges, GraphMethod::AggregateNeighbors(method)))
        }
        Method::HyperAnf(counted) => {
            let filter = counted.edges_filter_expression.as_ref();
            let method = HyperAnf {
                hops: counted.n_hops,
                lg_entries: counted.lg_nom_entries,
                edge_filter: filter.map(|filter| column(Some(filter))).transpose()?,
            };
            Ok(call(edges, GraphMethod::HyperAnf(method)))
        }
        Method::PowerIterationClustering(clusters) => {
            let text = |text: &str| Some(Value::String(text.to_owned()));
            let number = |number: i32| Some(Value::Long(i64::from(number)));
            let mut args =
                vec![None, number(clusters.k), number(clusters.max_iter), text("random")];
            args.extend(CLUSTERED_COLUMNS.map(text));
            let method = Clustering {
                k: clusters.k,
                weight: clusters.weight_col,
                transform: firesteel_ml::helper::table(CLUSTER_METHOD, args)?,
            };
            Ok(call(edges, GraphMethod::Clustering(method)))
        }
        Method::ConnectedComponents(components) => {
            let algorithm = ConnectedComponents::new(
                &components.algorithm,
                components.use_labels_as_components,
                components.max_iter,
            )?;
            kernel(edges, Arc::new(algorithm))
        }
        Method::StronglyConnectedComponents(components) => {
            kernel(edges, Arc::new(StronglyConnectedComponents::new(components.max_iter)?))
        }
        Method::LabelPropagation(labels) => {
            kernel(edges, Arc::new(LabelPropagation::new(&labels.algorithm, labels.max_iter)?))
        }
        Method::ShortestPaths(paths) => {
            let landmarks = paths.landmarks.into_iter().map(vertex_id).collect::<Result<_>>()?;
            let is_directed = paths.is_directed.unwrap_or(true);
            let algorithm = ShortestPaths::new(landmarks, &paths.algorithm, is_directed)?;
            kernel(edges, Arc::new(algorithm))
        }
        Method::TriangleCount(triangles) => {
            let algorithm = triangles.algorithm.as_deref().unwrap_or("exact");
            let lg_entries = triangles.lg_nom_entries.unwrap_or(12);
            kernel(edges, Arc::new(TriangleCount::new(algorithm, lg_entries)?))
        }
        Method::Kcore(_) => kernel(edges, Arc::new(KCore)),
        Method::PageRank(ranks) => {
            let source = ranks.source_id.map(vertex_id).transpose()?;
            let algorithm =
                PageRank::new(ranks.reset_probability, source, ranks.max_iter, ranks.tol)?;
            kernel(edges, Arc::new(algorithm))
        }
        Method::ParallelPersonalizedPageRank(ranks) => {
            let sources = ranks.source_ids.into_iter().map(vertex_id);
            let algorithm = ParallelPersonalizedPageRank::new(
                ranks.reset_probability,
                sources.collect::<Result<_>>()?,
                ranks.max_iter,
                firesteel_ml::linalg::vector_type(),
                rank_vectors,
            )?;
            kernel(edges, Arc::new(algorithm))
        }
        Method::DetectingCycles(_) => kernel(edges, Arc::new(DetectingCycles)),
        Method::Mis(set) => kernel(edges, Arc::new(MaximalIndependentSet { seed: set.seed })),
        Method::NeighborhoodAwareCdlp(labels) => {
            let algorithm = NeighborhoodAwareCdlp::new(
                labels.max_iter,
                labels.structural_similarity_multiplier,
                labels.ignore_direct_links,
                labels.is_directed,
                labels.initial_label_col,
            )?;
            kernel(edges, Arc::new(algorithm))
        }
        Method::SvdPlusPlus(svd) => {
            let params = SvdPlusPlusParams {
                rank: 0,
                n_iterations: 0,
                min_value: svd.min_value,
                max_value: svd.max_value,
                gamma1: svd.gamma1,
                gamma2: svd.gamma2,
                gamma6: svd.gamma6,
                gamma7: svd.gamma7,
                seed: 0,
            };
            kernel(edges, Arc::new(SvdPlusPlus::new(svd.rank, svd.max_iter, params)?))
        }
        Method::RwEmbeddings(walks) => {
            let algorithm = embeddings(session, &walks)?;
            let mut inputs = vec![vertices.clone(), edges];
            if !walks.rw_cached_walks.is_empty() {
                inputs.push(parquet(walks.rw_cached_walks));
            }
            kernel_over(inputs, Arc::new(algorithm))
        }
    }
}

fn pregel(message: &message::Pregel) -> Result<Pregel> {
    let some = |part: &Option<message::ColumnOrExpression>| {
        part.as_ref().map(|part| column(Some(part))).transpose()
    };
    let names = |list: &Option<String>| -> Vec<String> {
        let names = list.iter().flat_map(|list| list.split(',')).map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    Ok(Pregel {
        aggregate: column(message.agg_msgs.as_ref())?,
        to_dst: columns(&message.send_msg_to_dst)?,
        to_src: columns(&message.send_msg_to_src)?,
        iterations_max: message.max_iter,
        column: message.additional_col_name.clone(),
        initial: column(message.additional_col_initial.as_ref())?,
        update: column(message.additional_col_upd.as_ref())?,
        early_stopping: message.early_stopping.unwrap_or(false),
        stop_if_all_inactive: message.stop_if_all_non_active.unwrap_or(false),
        initial_active: some(&message.initial_active_expr)?,
        update_active: some(&message.update_active_expr)?,
        skip_from_inactive: message.skip_messages_from_non_active.unwrap_or(false),
        src_columns: names(&message.required_src_columns),
        dst_columns: names(&message.required_dst_columns),
        edge_columns: names(&message.required_edge_columns),
    })
}

fn aggregate_neighbors(message: message::AggregateNeighbors) -> Result<AggregateNeighbors> {
    let some =
        |part: &Option<message::ColumnOrExpression>| part.as_ref().map(|part| column(Some(part)));
    Ok(AggregateNeighbors {
        starting: column(message.starting_vertices.as_ref())?,
        hops_max: message.max_hops,
        inits: columns(&message.accumulator_inits)?,
        updates: columns(&message.accumulator_updates)?,
        stopping: some(&message.stopping_condition).transpose()?,
        target: some(&message.target_condition).transpose()?,
        edge_filter: some(&message.edge_filter).transpose()?,
        names: message.accumulator_names,
        vertex_attributes: message.required_vertex_attributes,
        edge_attributes: message.required_edge_attributes,
        remove_loops: message.remove_loops,
    })
}

fn embeddings(
    session: &Session,
    message: &message::RandomWalkEmbeddings,
) -> Result<RandomWalkEmbeddings> {
    let number = |value: i32| usize::try_from(value).unwrap_or_default();
    let walks = match message.rw_cached_walks.is_empty() {
        false => WalkSource::Ready,
        true => WalkSource::Walk(RandomWalkParams {
            is_directed: message.use_edge_direction,
            max_neighbors: number(message.rw_max_nbrs),
            walks_per_vertex: number(message.rw_num_walks_per_node),
            n_batches: number(message.rw_num_batches),
            batch_size: number(message.rw_batch_size),
            restart_probability: message.rw_restart_probability,
            seed: message.rw_seed.cast_unsigned(),
        }),
    };
    let model = match message.sequence_model.as_str() {
        "hash2vec" => SequenceModel::Hash2Vec {
            params: Hash2VecParams {
                context_size: number(message.hash2vec_context_size),
                n_dimensions: number(message.hash2vec_embeddings_dim),
                gaussian_sigma: (message.hash2vec_decay_function == "gaussian")
                    .then_some(message.hash2vec_gaussian_sigma),
                divides_by_norm: message.hash2vec_do_l2_norm,
                appends_norm: message.hash2vec_do_l2_norm && message.hash2vec_safe_l2,
            },
            hashing_seed: message.hash2vec_hashing_seed,
            sign_seed: message.hash2vec_sign_seed,
        },
        "word2vec" => {
            let int = |name: &str, value: i32| (name.to_owned(), Value::Int(value));
            let set = vec![
                int("maxIter", message.word2vec_max_iter),
                int("vectorSize", message.word2vec_embeddings_dim),
                int("windowSize", message.word2vec_window_size),
                int("numPartitions", message.word2vec_num_partitions),
                int("minCount", message.word2vec_min_count),
                int("maxSentenceLength", message.word2vec_max_sentence_length),
                ("seed".to_owned(), Value::Long(message.word2vec_seed)),
                ("stepSize".to_owned(), Value::Double(message.word2vec_step_size)),
            ];
            SequenceModel::Word2Vec(word2vec(set, session.settings(), session.engine().runner()?)?)
        }
        other => return Err(SparkError::unsupported(format!("the sequence model {other}"))),
    };
    let algorithm = RandomWalkEmbeddings {
        walks,
        model,
        neighbors: message.aggregate_neighbors.then(|| {
            let max = number(message.aggregate_neighbors_max_nbrs);
            (max, message.aggregate_neighbors_seed.cast_unsigned())
        }),
        vector: firesteel_ml::linalg::vector_type(),
        make_vectors: dense_vectors,
        is_directed: message.use_edge_direction,
    };
    algorithm.check()?;
    Ok(algorithm)
}

/// Files at a path.
fn parquet(path: String) -> Relation {
    RelationNode::DataSource(DataSource {
        format: Some("parquet".to_owned()),
        schema: None,
        options: Vec::new(),
        paths: vec![path],
        predicates: Vec::new(),
    })
    .into()
}

fn column(part: Option<&message::ColumnOrExpression>) -> Result<Expr> {
    use message::column_or_expression::ColOrExpr;
    match part.and_then(|part| part.col_or_expr.as_ref()).ok_or_else(faults::expression)? {
        ColOrExpr::Expr(text) => sql::parse_expression(text),
        ColOrExpr::Col(bytes) => {
            nesting::check(&proto::Expression::full_name(), bytes).map_err(refused)?;
            let message = proto::Expression::decode(bytes.as_ref());
            expression(&message.map_err(|error| malformed(&error))?)
        }
    }
}

fn columns(parts: &[message::ColumnOrExpression]) -> Result<Vec<Expr>> {
    parts.iter().map(|part| column(Some(part))).collect()
}

fn vertex_id(message: message::StringOrLongId) -> Result<VertexId> {
    use message::string_or_long_id::Id;
    match message.id {
        Some(Id::LongId(id)) => Ok(VertexId::Long(id)),
        Some(Id::StringId(id)) => Ok(VertexId::Text(id)),
        None => Err(SparkError::invalid_plan("A vertex has no id.")),
    }
}

/// Vertices or edges: a plan whose root is a relation.
fn frame(session: &Session, bytes: &[u8]) -> Result<Relation> {
    let levels = nesting::relation_depth(&proto::Plan::full_name(), bytes).map_err(refused)?;
    let outside = DEPTH.get();
    if outside + levels > PLAN_DEPTH_MAX {
        return Err(refused(NestingError::TooDeep("relations")));
    }
    let plan = proto::Plan::decode(bytes).map_err(|error| malformed(&error))?;
    let bytes_max = session.engine().limits().plan_bytes_max;
    let root = match crate::connect::execute::unpack(Some(plan), bytes_max)? {
        proto::plan::OpType::Root(root) => root,
        _ => return Err(SparkError::invalid_plan("A graph is made of relations only.")),
    };
    // One level at least, so that empty plans within one another end, too.
    DEPTH.set(outside + levels.max(1));
    let relation = super::relation(session, &root);
    DEPTH.set(outside);
    relation
}

/// Equal for equal messages, and, but for one in 2^128, for no others.
fn digest(bytes: &[u8]) -> Arc<str> {
    let half = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        (salt, bytes).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(0), half(1)).into()
}

fn refused(error: NestingError) -> SparkError {
    match error {
        NestingError::Malformed => SparkError::invalid_plan(error.to_string()),
        NestingError::TooDeep(_) => {
            SparkError::new(ErrorKind::InvalidPlan, "PLAN_DEPTH_EXCEEDED", error.to_string())
        }
    }
}

fn malformed(error: &prost::DecodeError) -> SparkError {
    SparkError::invalid_plan(format!("A message of GraphFrames is not valid: {error}"))
}
